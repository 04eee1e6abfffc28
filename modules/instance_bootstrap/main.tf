# templates/common.sh.tftpl ──► head of the script (log, retries) and Docker + Compose
#                                   ├─► templates/backend.sh.tftpl     health servers, ECR login, CodeDeploy agent
#                                   └─► templates/monitoring.sh.tftpl  Prometheus + Grafana

locals {
  # Every download is pinned here. Containers come by version from the registry of who makes them; packages without a
  # version come signed from Amazon Linux's own repositories, which the AMI's release decides.
  versions = {
    # The last V2: https://github.com/docker/compose/releases/tag/v2.40.3
    compose = "2.40.3"
    # https://docs.aws.amazon.com/codedeploy/latest/userguide/codedeploy-agent.html#codedeploy-agent-version-history
    codedeploy_agent = "1.8.1-26"
    # From ECR Public: Docker Hub counts the pulls of everything behind one NAT gateway together.
    nginx_image = "public.ecr.aws/nginx/nginx:1.28.0-alpine"
    # Long-term support: https://prometheus.io/docs/introduction/release-cycle/
    prometheus_image = "quay.io/prometheus/prometheus:v3.13.2"
    grafana_image    = "docker.io/grafana/grafana:12.4.10"
  }

  common = templatefile("${path.module}/templates/common.sh.tftpl", {
    name_prefix      = var.name_prefix
    role             = var.role
    operating_system = var.operating_system
    compose_version  = local.versions.compose
  })

  scripts = {
    backend = var.role != "backend" ? "" : templatefile("${path.module}/templates/backend.sh.tftpl", {
      common                   = local.common
      operating_system         = var.operating_system
      region                   = var.region
      ecr_registry             = var.ecr_registry
      services                 = var.services
      nginx_image              = local.versions.nginx_image
      codedeploy_agent_version = local.versions.codedeploy_agent
    })
    monitoring = var.role != "monitoring" ? "" : templatefile("${path.module}/templates/monitoring.sh.tftpl", {
      common            = local.common
      grafana           = var.grafana
      compose_file      = yamlencode(local.compose_file)
      prometheus_config = yamlencode(local.prometheus_config)
      grafana_source    = yamlencode(local.grafana_source)
    })
  }

  user_data        = local.scripts[var.role]
  user_data_base64 = base64encode(local.user_data)

  # Bytes, not characters, are what EC2 counts; length() counts characters.
  user_data_bytes = length(local.user_data_base64) / 4 * 3 - length(regexall("=", local.user_data_base64))

  # Of the script before base64: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
  user_data_limit = 16384
}
