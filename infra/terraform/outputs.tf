output "role_arn" {
  description = "Say /dd0c connect with this."
  value       = aws_iam_role.this.arn
}
