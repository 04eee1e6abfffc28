variables {
  name_prefix      = "wealist-prod"
  environment      = "prod"
  region           = "ap-northeast-2"
  role             = "backend"
  operating_system = "amazon_linux_2"
  ecr_registry     = "290008131187.dkr.ecr.ap-northeast-2.amazonaws.com"
  services = [
    { name = "user-service", port = 8080, health_path = "/api/users/actuator/health", metrics_path = "/api/users/actuator/prometheus" },
    { name = "board-service", port = 8000, health_path = "/api/boards/health", metrics_path = "/api/boards/metrics" },
  ]
  node_exporter_port = 9100
  monitoring = {
    data_volume     = "wealist-prod-monitoring-data"
    data_volume_gib = 20
    files_url       = "s3://wealist-deploy-scripts/monitoring/"
  }
}

run "both_outputs_hold_the_same_script" {
  command = plan

  assert {
    condition     = base64decode(output.user_data_base64) == output.user_data
    error_message = "user_data_base64 must be user_data in base64."
  }

  assert {
    condition     = startswith(output.user_data, "#!/bin/bash\n")
    error_message = "cloud-init runs a script only if it begins with #!."
  }
}

run "a_script_that_ec2_would_refuse_is_refused" {
  command = plan
  variables {
    services = [
      for number in range(400) :
      { name = "service-${number}", port = 10000 + number, health_path = "/health", metrics_path = "/metrics" }
    ]
  }
  expect_failures = [output.user_data, output.user_data_base64]
}

run "monitoring_stays_small_however_many_services_it_scrapes" {
  command = plan
  variables {
    role = "monitoring"
    services = [
      for number in range(400) :
      { name = "service-${number}", port = 10000 + number, health_path = "/health", metrics_path = "/metrics" }
    ]
  }

  assert {
    condition     = length(yamldecode(output.files["prometheus.yml"]).scrape_configs) == 402
    error_message = "Prometheus must scrape every service, every instance and itself."
  }
}

run "the_script_holds_the_sum_of_every_file" {
  command = plan
  variables {
    role = "monitoring"
  }

  assert {
    condition     = length(output.files) > 0 && alltrue([for name, content in output.files : strcontains(output.user_data, "${sha256(content)}  ${name}\n")])
    error_message = "A file that changes must change the user data, so that the instance is replaced."
  }
}

run "the_backend_fetches_no_files" {
  command = plan

  assert {
    condition     = length(output.files) == 0
    error_message = "Only the monitoring instance has files."
  }
}

run "a_service_on_the_port_of_node_metrics_is_refused" {
  command = plan
  variables {
    node_exporter_port = 8080
  }
  expect_failures = [var.node_exporter_port]
}

run "a_service_with_the_name_of_a_job_of_prometheus_is_refused" {
  command = plan
  variables {
    services = [{ name = "node", port = 8080, health_path = "/a", metrics_path = "/a" }]
  }
  expect_failures = [var.services]
}

run "a_data_volume_without_room_is_refused" {
  command = plan
  variables {
    monitoring = { data_volume = "wealist-prod-monitoring-data", data_volume_gib = 3, files_url = "s3://wealist-deploy-scripts/monitoring/" }
  }
  expect_failures = [var.monitoring]
}

run "a_volumes_name_that_would_break_out_of_the_script_is_refused" {
  command = plan
  variables {
    monitoring = { data_volume = "$(reboot)", data_volume_gib = 20, files_url = "s3://wealist-deploy-scripts/monitoring/" }
  }
  expect_failures = [var.monitoring]
}

run "files_elsewhere_than_in_s3_are_refused" {
  command = plan
  variables {
    monitoring = { data_volume = "wealist-prod-monitoring-data", data_volume_gib = 20, files_url = "https://example.com/" }
  }
  expect_failures = [var.monitoring]
}

run "a_topic_that_is_none_is_refused" {
  command = plan
  variables {
    monitoring = { data_volume = "wealist-prod-monitoring-data", data_volume_gib = 20, files_url = "s3://wealist-deploy-scripts/monitoring/", topic_arn = "operators@wealist.co.kr" }
  }
  expect_failures = [var.monitoring]
}

run "an_unknown_role_is_refused" {
  command = plan
  variables {
    role = "bastion"
  }
  # Without a role there is no script either.
  expect_failures = [var.role]
}

run "an_unknown_operating_system_is_refused" {
  command = plan
  variables {
    operating_system = "ubuntu"
  }
  expect_failures = [var.operating_system]
}

run "a_registry_with_a_path_is_refused" {
  command = plan
  variables {
    ecr_registry = "290008131187.dkr.ecr.ap-northeast-2.amazonaws.com/wealist-prod-user-service"
  }
  expect_failures = [var.ecr_registry]
}

run "two_services_on_one_port_are_refused" {
  command = plan
  variables {
    services = [
      { name = "user-service", port = 8080, health_path = "/a", metrics_path = "/a" },
      { name = "board-service", port = 8080, health_path = "/b", metrics_path = "/b" },
    ]
  }
  expect_failures = [var.services]
}

run "a_path_that_would_break_out_of_the_script_is_refused" {
  command = plan
  variables {
    services = [{ name = "user-service", port = 8080, health_path = "/$(reboot)", metrics_path = "/a" }]
  }
  expect_failures = [var.services]
}

run "a_health_path_that_grafana_does_not_have_is_refused" {
  command = plan
  variables {
    grafana = { root_path = "/graphs/" }
  }
  expect_failures = [var.grafana]
}

run "grafana_may_move_as_a_whole" {
  command = plan
  variables {
    role    = "monitoring"
    grafana = { port = 3002, root_path = "/graphs/", health_path = "/graphs/api/health", domain = "api.wealist.co.kr" }
  }

  assert {
    condition     = strcontains(output.files["compose.yml"], "https://api.wealist.co.kr/graphs/") && strcontains(output.files["compose.yml"], "3002:3000")
    error_message = "Grafana must answer on the port and under the address that were given."
  }
}

run "an_instance_without_a_launch_hook_installs_nothing" {
  command = plan

  assert {
    condition     = !strcontains(output.user_data, "wealist-install")
    error_message = "CodeDeploy alone installs where no hook waits for the instance."
  }
}

run "a_launch_hook_without_deployments_is_refused" {
  command = plan
  variables {
    launch_hook = { name = "wealist-prod-backend-launch", auto_scaling_group = "wealist-prod-backend-asg", bundles_url = "s3://wealist-codedeploy-artifacts/", install_seconds = 1800 }
  }
  expect_failures = [var.launch_hook]
}

run "half_a_launch_hook_is_refused" {
  command = plan
  variables {
    launch_hook = { name = "wealist-prod-backend-launch" }
  }
  expect_failures = [var.launch_hook]
}

run "a_bundle_from_elsewhere_than_s3_is_refused" {
  command = plan
  variables {
    launch_hook = { name = "wealist-prod-backend-launch", auto_scaling_group = "wealist-prod-backend-asg", bundles_url = "https://example.com/", install_seconds = 1800 }
    services = [{
      name       = "user-service", port = 8080, health_path = "/a", metrics_path = "/b"
      deployment = { application = "wealist-prod-user-service", group = "wealist-prod-user-service-group", target_group = "wealist-prod-user-tg" }
    }]
  }
  expect_failures = [var.launch_hook]
}

run "a_hooks_name_that_would_break_out_of_the_script_is_refused" {
  command = plan
  variables {
    launch_hook = { name = "$(reboot)", auto_scaling_group = "wealist-prod-backend-asg", bundles_url = "s3://wealist-codedeploy-artifacts/", install_seconds = 1800 }
    services = [{
      name       = "user-service", port = 8080, health_path = "/a", metrics_path = "/b"
      deployment = { application = "wealist-prod-user-service", group = "wealist-prod-user-service-group", target_group = "wealist-prod-user-tg" }
    }]
  }
  expect_failures = [var.launch_hook]
}

run "an_applications_name_that_would_break_out_of_the_script_is_refused" {
  command = plan
  variables {
    launch_hook = { name = "wealist-prod-backend-launch", auto_scaling_group = "wealist-prod-backend-asg", bundles_url = "s3://wealist-codedeploy-artifacts/", install_seconds = 1800 }
    services = [{
      name       = "user-service", port = 8080, health_path = "/a", metrics_path = "/b"
      deployment = { application = "a; reboot", group = "wealist-prod-user-service-group", target_group = "wealist-prod-user-tg" }
    }]
  }
  expect_failures = [var.services]
}
