output "user_data" {
  description = "The script that the instance runs as root at its first boot. Holds no secret. Type: string."
  value       = local.user_data

  precondition {
    condition     = local.user_data_bytes <= local.user_data_limit
    error_message = "The ${var.role} script has ${local.user_data_bytes} bytes; EC2 takes ${local.user_data_limit}. Move part of it to the deployment bundle or to S3."
  }
}

output "user_data_base64" {
  description = "The same script in base64, as a launch template takes it. Type: string."
  value       = local.user_data_base64

  precondition {
    condition     = local.user_data_bytes <= local.user_data_limit
    error_message = "The ${var.role} script has ${local.user_data_bytes} bytes; EC2 takes ${local.user_data_limit}. Move part of it to the deployment bundle or to S3."
  }
}

output "files" {
  description = "What the monitoring instance fetches from monitoring.files_url: file name to content; empty for the other role. Holds no secret. Type: map(string)."
  value       = local.files
}
