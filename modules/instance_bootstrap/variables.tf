# The values below end up in a root shell script, in nginx's configuration and in YAML. Each is held to the few characters
# it needs, so that none can break out of its place.

variable "name_prefix" {
  description = "Beginning of every name of the environment, such as wealist-prod. Marks the log lines and the metrics."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name_prefix))
    error_message = "name_prefix \"${var.name_prefix}\": use lower-case letters, digits and hyphens, such as wealist-prod."
  }
}

variable "environment" {
  description = "Value of the Environment tag by which Prometheus finds the backend instances, such as prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.environment))
    error_message = "environment \"${var.environment}\": use lower-case letters, digits and hyphens, such as prod."
  }
}

variable "region" {
  description = "AWS region of the instances: that of CodeDeploy's download bucket and of Prometheus' discovery."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region \"${var.region}\": give a region's code, such as ap-northeast-2."
  }
}

variable "role" {
  description = "What the instance is: backend (runs the services) or monitoring (Prometheus and Grafana)."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["backend", "monitoring"], var.role)
    error_message = "role \"${var.role}\": choose backend or monitoring."
  }
}

variable "operating_system" {
  description = "Amazon Linux of the AMI: amazon_linux_2 or al2023. They install packages by different commands."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["amazon_linux_2", "al2023"], var.operating_system)
    error_message = "operating_system \"${var.operating_system}\": choose amazon_linux_2 or al2023."
  }
}

variable "ecr_registry" {
  description = "Host name of the ECR registry that the instance's role logs in to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com$", var.ecr_registry))
    error_message = "ecr_registry \"${var.ecr_registry}\": give the host name alone, such as 290008131187.dkr.ecr.ap-northeast-2.amazonaws.com."
  }
}

variable "services" {
  description = "Services of the backend instances: port on the instance, path of the health check and path of the metrics; with a launch hook also the names of its CodeDeploy application, deployment group and target group."
  type = list(object({
    name         = string
    port         = number
    health_path  = string
    metrics_path = string
    deployment = optional(object({
      application  = string
      group        = string
      target_group = string
    }))
  }))
  nullable = false

  validation {
    condition     = length(var.services) > 0
    error_message = "services is empty: name at least one service."
  }

  validation {
    condition     = alltrue([for service in var.services : can(regex("^[a-z][a-z0-9-]*$", service.name))])
    error_message = "services: a name has lower-case letters, digits and hyphens, such as user-service. Got ${join(", ", var.services[*].name)}."
  }

  validation {
    condition     = length(setintersection(var.services[*].name, ["node", "prometheus"])) == 0
    error_message = "services: node and prometheus are jobs of Prometheus' own; choose other names. Got ${join(", ", var.services[*].name)}."
  }

  validation {
    condition     = alltrue([for service in var.services : service.port >= 1 && service.port <= 65535 && floor(service.port) == service.port])
    error_message = "services: a port is a whole number from 1 to 65535. Got ${join(", ", var.services[*].port)}."
  }

  validation {
    condition = (
      length(distinct(var.services[*].name)) == length(var.services) &&
      length(distinct(var.services[*].port)) == length(var.services)
    )
    error_message = "services: every service needs a name and a port of its own. Got ${join(", ", [for service in var.services : "${service.name}:${service.port}"])}."
  }

  validation {
    condition = alltrue(flatten([
      for service in var.services :
      [for name in service.deployment == null ? [] : values(service.deployment) : can(regex("^[a-z][a-z0-9-]*$", name))]
    ]))
    error_message = "services: the names of a deployment have lower-case letters, digits and hyphens, such as wealist-prod-user-service."
  }

  validation {
    condition     = alltrue([for path in concat(var.services[*].health_path, var.services[*].metrics_path) : can(regex("^/[A-Za-z0-9/._~-]*$", path))])
    error_message = "services: a path begins with / and has letters, digits and / . _ ~ - only. Got ${join(", ", concat(var.services[*].health_path, var.services[*].metrics_path))}."
  }
}

variable "launch_hook" {
  description = "The hook that keeps a new backend instance from its requests until it has installed each service's last revision: its name, its Auto Scaling group, where in S3 the bundles lie (s3://bucket/), and how many seconds a service may take. Without one, the instance installs nothing."
  type = object({
    name               = optional(string)
    auto_scaling_group = optional(string)
    bundles_url        = optional(string)
    install_seconds    = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = length(distinct([for value in values(var.launch_hook) : value == null])) == 1
    error_message = "launch_hook: give all of name, auto_scaling_group, bundles_url and install_seconds, or none."
  }

  validation {
    condition = alltrue([
      for name in [var.launch_hook.name, var.launch_hook.auto_scaling_group] :
      name == null ? true : can(regex("^[a-z][a-z0-9-]*$", name))
    ])
    error_message = "launch_hook: a name has lower-case letters, digits and hyphens, such as wealist-prod-backend-launch."
  }

  validation {
    condition     = var.launch_hook.bundles_url == null ? true : can(regex("^s3://[a-z0-9-]+/$", var.launch_hook.bundles_url))
    error_message = "launch_hook.bundles_url: give a bucket that ends with /, such as s3://wealist-codedeploy-artifacts/."
  }

  validation {
    condition     = var.launch_hook.name == null || alltrue([for service in var.services : service.deployment != null])
    error_message = "services: with a launch_hook, each service needs its deployment."
  }
}

variable "grafana" {
  description = "Where Grafana answers: port on the instance, path behind the load balancer, health check, and the public host name if there is one."
  type = object({
    port        = optional(number, 3001)
    root_path   = optional(string, "/monitoring/")
    health_path = optional(string, "/monitoring/api/health")
    domain      = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.grafana.port >= 1 && var.grafana.port <= 65535 && floor(var.grafana.port) == var.grafana.port
    error_message = "grafana.port is ${var.grafana.port}: give a whole number from 1 to 65535."
  }

  validation {
    condition     = can(regex("^/([a-z0-9-]+/)+$", var.grafana.root_path))
    error_message = "grafana.root_path \"${var.grafana.root_path}\": begin and end with /, such as /monitoring/."
  }

  # Grafana has one health path of its own, so any other could never become healthy.
  # https://grafana.com/docs/grafana/latest/developers/http_api/other/#returns-health-information-about-grafana
  validation {
    condition     = var.grafana.health_path == "${var.grafana.root_path}api/health"
    error_message = "grafana.health_path \"${var.grafana.health_path}\": behind ${var.grafana.root_path} Grafana answers on ${var.grafana.root_path}api/health."
  }

  validation {
    condition     = var.grafana.domain == null || can(regex("^[a-z0-9.-]+$", var.grafana.domain))
    error_message = "grafana.domain: give a host name alone, such as api.wealist.co.kr."
  }
}

variable "node_exporter_port" {
  description = "Port on every instance where Prometheus scrapes the instance's own metrics."
  type        = number
  nullable    = false

  validation {
    condition     = var.node_exporter_port >= 1 && var.node_exporter_port <= 65535 && floor(var.node_exporter_port) == var.node_exporter_port
    error_message = "node_exporter_port is ${var.node_exporter_port}: give a whole number from 1 to 65535."
  }

  validation {
    condition     = !contains(concat(var.services[*].port, [var.grafana.port]), var.node_exporter_port)
    error_message = "node_exporter_port ${var.node_exporter_port} is taken by a service or by Grafana: choose another."
  }
}

variable "monitoring" {
  description = "What the monitoring instance keeps and reads: the tag Name and the size in GiB of its data volume, and where in S3 its files lie (s3://bucket/prefix/). With the ARN of a topic, Alertmanager publishes there what Prometheus finds."
  type = object({
    data_volume     = string
    data_volume_gib = number
    files_url       = string
    topic_arn       = optional(string)
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.monitoring.data_volume))
    error_message = "monitoring.data_volume \"${var.monitoring.data_volume}\": use lower-case letters, digits and hyphens, such as wealist-prod-monitoring-data."
  }

  validation {
    condition     = var.monitoring.data_volume_gib >= 4 && floor(var.monitoring.data_volume_gib) == var.monitoring.data_volume_gib
    error_message = "monitoring.data_volume_gib is ${var.monitoring.data_volume_gib}: give a whole number, 4 or more."
  }

  validation {
    condition     = can(regex("^s3://[a-z0-9-]+/([a-z0-9-]+/)*$", var.monitoring.files_url))
    error_message = "monitoring.files_url \"${var.monitoring.files_url}\": give a bucket and a prefix that ends with /, such as s3://wealist-deploy-scripts/monitoring/."
  }

  validation {
    condition     = var.monitoring.topic_arn == null || can(regex("^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.monitoring.topic_arn))
    error_message = "monitoring.topic_arn: give the ARN of a standard topic, such as arn:aws:sns:ap-northeast-2:290008131187:wealist-prod-alerts."
  }
}
