# What the monitoring instance runs, file by file. It fetches them from S3 and checks their sums, which its user data
# holds (ADR 0027). What depends on the environment is written as values and encoded, so that the YAML is well-formed by
# construction; the rest lies in monitoring/ as Prometheus and Grafana read it.

locals {
  files = var.role != "monitoring" ? {} : merge({ for name, content in local.alerting_files : name => content if local.alerting }, {
    "compose.yml"            = yamlencode(local.compose_file)
    "prometheus.yml"         = yamlencode(local.prometheus_config)
    "rules.yml"              = file("${path.module}/monitoring/rules.yml")
    "grafana-source.yml"     = yamlencode(local.grafana_source)
    "grafana-dashboards.yml" = yamlencode(local.grafana_dashboards)
    "dashboard.json"         = file("${path.module}/monitoring/dashboard.json")
  })

  # Alertmanager runs where there is a topic to tell.
  alerting       = var.monitoring.topic_arn != null
  alerting_files = { "alertmanager.yml" = yamlencode(local.alertmanager_config) }

  # Where the data volume is mounted.
  data_folder = "/var/lib/monitoring"

  scrape_interval = "30s"
  grafana_secret  = "grafana_admin_password"
  dashboards      = "/etc/grafana/dashboards"

  # Docker refuses to start a container whose folder is missing, rather than to fill the root volume in its place.
  data_mounts = {
    prometheus = { type = "bind", source = "${local.data_folder}/prometheus", target = "/prometheus", bind = local.existing }
    grafana    = { type = "bind", source = "${local.data_folder}/grafana", target = "/var/lib/grafana", bind = local.existing }
    # Silences, and what was told already.
    alertmanager = { type = "bind", source = "${local.data_folder}/alertmanager", target = "/alertmanager", bind = local.existing }
  }
  existing = { create_host_path = false }

  compose_file = {
    name = "monitoring"
    services = merge({ for name, service in local.alerting_services : name => service if local.alerting }, {
      prometheus = {
        image   = local.versions.prometheus_image
        restart = "unless-stopped"
        command = [
          "--config.file=/etc/prometheus/prometheus.yml",
          "--storage.tsdb.path=/prometheus",
          "--storage.tsdb.retention.time=15d",
          # Whichever comes first. The rest is for the write-ahead log, for compaction and for Grafana.
          # https://prometheus.io/docs/prometheus/latest/storage/#right-sizing-retention-size
          "--storage.tsdb.retention.size=${floor(var.monitoring.data_volume_gib * 0.75)}GB",
        ]
        # Prometheus has no login: it is for Grafana, and for an operator's port forwarding by Session Manager.
        ports = ["127.0.0.1:9090:9090"]
        volumes = [
          "./prometheus.yml:/etc/prometheus/prometheus.yml:ro",
          "./rules.yml:/etc/prometheus/rules.yml:ro",
          local.data_mounts.prometheus,
        ]
      }
      grafana = {
        image      = local.versions.grafana_image
        restart    = "unless-stopped"
        depends_on = ["prometheus"]
        ports      = ["${var.grafana.port}:3000"]
        environment = {
          GF_SECURITY_ADMIN_PASSWORD__FILE = "/run/secrets/${local.grafana_secret}"
          # The load balancer passes the path on as it came, and ends TLS.
          GF_SERVER_SERVE_FROM_SUB_PATH = "true"
          GF_SERVER_ROOT_URL            = var.grafana.domain == null ? "%(protocol)s://%(domain)s:%(http_port)s${var.grafana.root_path}" : "https://${var.grafana.domain}${var.grafana.root_path}"
          GF_SECURITY_COOKIE_SECURE     = "true"
          # Internal, as the services' metrics are; and the load balancer forwards everything under root_path.
          GF_METRICS_ENABLED             = "false"
          GF_USERS_ALLOW_SIGN_UP         = "false"
          GF_ANALYTICS_REPORTING_ENABLED = "false"
          # What everybody sees first.
          GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH = "${local.dashboards}/dashboard.json"
        }
        secrets = [local.grafana_secret]
        volumes = [
          "./grafana-source.yml:/etc/grafana/provisioning/datasources/prometheus.yml:ro",
          "./grafana-dashboards.yml:/etc/grafana/provisioning/dashboards/wealist.yml:ro",
          "./dashboard.json:${local.dashboards}/dashboard.json:ro",
          local.data_mounts.grafana,
        ]
      }
    })
    secrets = { (local.grafana_secret) = { file = "${local.data_folder}/secrets/grafana-admin-password" } }
  }

  alerting_services = {
    alertmanager = {
      image   = local.versions.alertmanager_image
      restart = "unless-stopped"
      command = [
        "--config.file=/etc/alertmanager/alertmanager.yml",
        "--storage.path=/alertmanager",
        # There is no other one to agree with.
        "--cluster.listen-address=",
      ]
      # No login either: for an operator's port forwarding, to silence an alert.
      ports   = ["127.0.0.1:9093:9093"]
      volumes = ["./alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro", local.data_mounts.alertmanager]
    }
  }

  # Signed as the instance's role, which may publish to this topic alone.
  # https://prometheus.io/docs/alerting/latest/configuration/#sns_config
  alertmanager_config = {
    route = {
      receiver        = "topic"
      group_by        = ["alertname"]
      group_wait      = "1m"
      group_interval  = "10m"
      repeat_interval = "12h"
    }
    receivers = [{
      name = "topic"
      sns_configs = [{
        topic_arn     = var.monitoring.topic_arn
        sigv4         = { region = var.region }
        send_resolved = true
        # SNS takes 100 characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
        subject = "{{ .Status | toUpper }}: {{ .CommonLabels.alertname }} (${var.name_prefix})"
        message = "{{ range .Alerts }}{{ .Status }}: {{ .Annotations.summary }}\n{{ end }}\ndocs/monitoring.md says what to do."
      }]
    }]
  }

  # https://prometheus.io/docs/prometheus/latest/configuration/configuration/#ec2_sd_config
  prometheus_config = merge({ for key, value in local.prometheus_alerting : key => value if local.alerting }, {
    global = {
      scrape_interval = local.scrape_interval
      external_labels = { environment = var.environment, cluster = var.name_prefix }
    }
    rule_files = ["/etc/prometheus/rules.yml"]
    scrape_configs = concat(
      [
        { job_name = "prometheus", metrics_path = "/metrics", static_configs = [{ targets = ["localhost:9090"] }] },
        merge(local.discovered["node"], { job_name = "node", metrics_path = "/metrics" }),
      ],
      [
        for service in var.services :
        merge(local.discovered[service.name], { job_name = service.name, metrics_path = service.metrics_path })
      ],
    )
  })

  prometheus_alerting = {
    alerting = { alertmanagers = [{ static_configs = [{ targets = ["alertmanager:9093"] }] }] }
  }

  # What is scraped on instances: the services on those of the backend, the instance itself on all.
  scraped = merge(
    { node = { port = var.node_exporter_port, roles = ["backend", "monitoring"] } },
    { for service in var.services : service.name => { port = service.port, roles = ["backend"] } },
  )

  discovered = {
    for job, scraped in local.scraped : job => {
      ec2_sd_configs = [{
        region = var.region
        port   = scraped.port
        filters = [
          { name = "tag:Role", values = scraped.roles },
          { name = "tag:Environment", values = [var.environment] },
          { name = "instance-state-name", values = ["running"] },
        ]
      }]
      # Addresses come back with other instances; an instance's id does not.
      relabel_configs = [
        { source_labels = ["__meta_ec2_instance_id"], target_label = "instance" },
        { source_labels = ["__meta_ec2_availability_zone"], target_label = "availability_zone" },
        { source_labels = ["__meta_ec2_tag_Role"], target_label = "role" },
      ]
    }
  }

  # https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources
  grafana_source = {
    apiVersion = 1
    datasources = [{
      name      = "Prometheus"
      uid       = "prometheus"
      type      = "prometheus"
      access    = "proxy"
      url       = "http://prometheus:9090"
      isDefault = true
      # From which Grafana computes $__rate_interval.
      jsonData = { timeInterval = local.scrape_interval }
    }]
  }

  # https://grafana.com/docs/grafana/latest/administration/provisioning/#dashboards
  grafana_dashboards = {
    apiVersion = 1
    providers = [{
      name = "wealist"
      type = "file"
      # What is changed in Grafana would be lost with the next start: the file in this module is what lasts.
      allowUiUpdates = false
      options        = { path = local.dashboards }
    }]
  }
}
