# templates/common.sh.tftpl ──► head of the script (log, retries) and Docker + Compose
#   │    └─► launch.sh.tftpl ──► the answer to the group's launch hook, where it has one
#   └─► node_exporter.sh.tftpl ──► metrics of the instance
#          ├─► templates/backend.sh.tftpl     ECR login, health servers, CodeDeploy agent
#          │     └─► revisions.sh.tftpl ──► the services' last revisions, where the group has a launch hook
#          └─► templates/monitoring.sh.tftpl  data volume, Prometheus + Grafana

locals {
  # Every download is pinned here. Containers come by version from the registry of who makes them; packages without a
  # version come signed from Amazon Linux's own repositories, which the AMI's release decides.
  versions = {
    # The last V2: https://github.com/docker/compose/releases/tag/v2.40.3
    compose = "2.40.3"
    # Version and build. The one download without a sum: AWS neither publishes one nor signs the package
    # (https://github.com/aws/aws-codedeploy-agent/issues/261). It comes by TLS from AWS's own bucket, whose file
    # latestv2/LATEST_VERSION names the newest build of the region:
    # https://docs.aws.amazon.com/codedeploy/latest/userguide/codedeploy-agent-operations-version.html
    codedeploy_agent = "2.1.0-9745926189"
    # From ECR Public: Docker Hub counts the pulls of everything behind one NAT gateway together.
    nginx_image         = "public.ecr.aws/docker/library/nginx:1.28.0-alpine@sha256:30f1c0d78e0ad60901648be663a710bdadf19e4c10ac6782c235200619158284"
    node_exporter_image = "quay.io/prometheus/node-exporter:v1.9.1"
    # Long-term support: https://prometheus.io/docs/introduction/release-cycle/
    prometheus_image = "quay.io/prometheus/prometheus:v3.13.2"
    # https://github.com/prometheus/alertmanager/releases/tag/v0.28.1
    alertmanager_image = "quay.io/prometheus/alertmanager:v0.28.1"
    grafana_image      = "docker.io/grafana/grafana:12.4.10"
  }

  # SHA-256 of docker-compose-linux-<architecture>, as the release publishes them.
  compose_sums = {
    x86_64  = "dba9d98e1ba5bfe11d88c99b9bd32fc4a0624a30fafe68eea34d61a3e42fd372"
    aarch64 = "d26373b19e89160546d15407516cc59f453030d9bc5b43ba7faf16f7b4980137"
  }

  has_launch_hook = var.launch_hook.name != null

  common = join("", [
    templatefile("${path.module}/templates/common.sh.tftpl", {
      name_prefix      = var.name_prefix
      role             = var.role
      operating_system = var.operating_system
      compose_version  = local.versions.compose
      compose_sums     = local.compose_sums
      launch = !local.has_launch_hook ? "" : templatefile("${path.module}/templates/launch.sh.tftpl", {
        region      = var.region
        launch_hook = var.launch_hook
      })
    }),
    templatefile("${path.module}/templates/node_exporter.sh.tftpl", {
      port  = var.node_exporter_port
      image = local.versions.node_exporter_image
    }),
  ])

  scripts = {
    backend = var.role != "backend" ? "" : templatefile("${path.module}/templates/backend.sh.tftpl", {
      common                   = local.common
      operating_system         = var.operating_system
      region                   = var.region
      ecr_registry             = var.ecr_registry
      services                 = var.services
      has_launch_hook          = local.has_launch_hook
      nginx_image              = local.versions.nginx_image
      codedeploy_agent_version = local.versions.codedeploy_agent
      revisions = !local.has_launch_hook ? "" : templatefile("${path.module}/templates/revisions.sh.tftpl", {
        region          = var.region
        services        = var.services
        bundles_url     = var.launch_hook.bundles_url
        install_seconds = var.launch_hook.install_seconds
      })
    })
    monitoring = var.role != "monitoring" ? "" : templatefile("${path.module}/templates/monitoring.sh.tftpl", {
      common      = local.common
      region      = var.region
      grafana     = var.grafana
      data_volume = var.monitoring.data_volume
      data_folder = local.data_folder
      alerting    = local.alerting
      files_url   = var.monitoring.files_url
      files       = local.files
    })
  }

  user_data        = local.scripts[var.role]
  user_data_base64 = base64encode(local.user_data)

  # Bytes, not characters, are what EC2 counts; length() counts characters.
  user_data_bytes = length(local.user_data_base64) / 4 * 3 - length(regexall("=", local.user_data_base64))

  # Of the script before base64: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
  user_data_limit = 16384
}
