variable "external_id" {
  type        = string
  description = "Shown by /dd0c connect. It keeps anybody else from having us read your account."

  validation {
    condition     = can(regex("^[\\w+=,.@:/-]{2,1224}$", var.external_id))
    error_message = "Copy the external id as /dd0c connect shows it."
  }
}

variable "principal_arn" {
  type        = string
  description = "Who may assume the role. Shown by /dd0c connect."

  validation {
    condition     = can(regex("^arn:aws:iam::\\d{12}:(root|(role|user)/.+)$", var.principal_arn))
    error_message = "Copy the principal as /dd0c connect shows it."
  }
}

variable "role_name" {
  type        = string
  description = "Name of the role."
  default     = "dd0c-cost-readonly"
}

variable "details" {
  type        = bool
  description = "Let cards name what runs, with its type and tags, and call the account by its alias."
  default     = true
}

variable "zombies" {
  type        = bool
  description = "Let us look for what runs and is not used. Lists and metrics only, never data."
  default     = true
}

variable "spend" {
  type        = bool
  description = "Let us compare with what AWS bills. AWS charges you about $0.01 for each question."
  default     = true
}

variable "trail_bucket" {
  type        = string
  description = "Bucket of a trail whose log files we are to read; empty for none."
  default     = ""
}

variable "trail_prefix" {
  type        = string
  description = "What stands before AWSLogs/ in that bucket, with a slash at its end; empty for nothing."
  default     = ""
}

variable "trail_key_arn" {
  type        = string
  description = "Key of KMS that the trail's files are encrypted with; empty for none."
  default     = ""
}

variable "event_bus_arn" {
  type        = string
  description = "Bus to which calls that may change cost are forwarded from the provider's Region; empty for none."
  default     = ""
}
