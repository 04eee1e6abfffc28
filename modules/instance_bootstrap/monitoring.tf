# What the monitoring instance runs. Written as values and encoded, so that the YAML is well-formed by construction.

locals {
  grafana_secret = "grafana_admin_password"

  compose_file = {
    name = "monitoring"
    services = {
      prometheus = {
        image   = local.versions.prometheus_image
        restart = "unless-stopped"
        command = [
          "--config.file=/etc/prometheus/prometheus.yml",
          "--storage.tsdb.path=/prometheus",
          "--storage.tsdb.retention.time=15d",
          # Whichever comes first: metrics must not fill the root volume.
          "--storage.tsdb.retention.size=4GB",
        ]
        # Prometheus has no login: it is for Grafana, and for an operator's port forwarding by Session Manager.
        ports = ["127.0.0.1:9090:9090"]
        volumes = [
          "./prometheus.yml:/etc/prometheus/prometheus.yml:ro",
          "prometheus-data:/prometheus",
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
          # Open to anybody otherwise, and the load balancer forwards everything under root_path.
          GF_METRICS_ENABLED             = "false"
          GF_USERS_ALLOW_SIGN_UP         = "false"
          GF_ANALYTICS_REPORTING_ENABLED = "false"
        }
        secrets = [local.grafana_secret]
        volumes = [
          "./grafana-source.yml:/etc/grafana/provisioning/datasources/prometheus.yml:ro",
          "grafana-data:/var/lib/grafana",
        ]
      }
    }
    secrets = { (local.grafana_secret) = { file = "./secrets/grafana-admin-password" } }
    volumes = { prometheus-data = {}, grafana-data = {} }
  }

  # https://prometheus.io/docs/prometheus/latest/configuration/configuration/#ec2_sd_config
  prometheus_config = {
    global = {
      scrape_interval = "30s"
      external_labels = { environment = var.environment, cluster = var.name_prefix }
    }
    scrape_configs = concat(
      [{ job_name = "prometheus", static_configs = [{ targets = ["localhost:9090"] }] }],
      [for service in var.services : {
        job_name     = service.name
        metrics_path = service.metrics_path
        ec2_sd_configs = [{
          region = var.region
          port   = service.port
          filters = [
            { name = "tag:Role", values = ["backend"] },
            { name = "tag:Environment", values = [var.environment] },
            { name = "instance-state-name", values = ["running"] },
          ]
        }]
        # Addresses come back with other instances; an instance's id does not.
        relabel_configs = [
          { source_labels = ["__meta_ec2_instance_id"], target_label = "instance" },
          { source_labels = ["__meta_ec2_availability_zone"], target_label = "availability_zone" },
        ]
      }],
    )
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
    }]
  }
}
