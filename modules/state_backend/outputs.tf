output "bucket_name" {
  description = "Name of the bucket, for the `bucket` of every S3 backend. Type: string."
  value       = aws_s3_bucket.state.bucket
}

output "bucket_arn" {
  description = "ARN of the bucket, for the policies of the pipeline's roles. Type: string."
  value       = aws_s3_bucket.state.arn
}
