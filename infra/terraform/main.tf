data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

locals {
  actions = jsondecode(file("${path.module}/actions.json"))
  wanted = {
    watch   = true
    details = var.details
    zombies = var.zombies
    spend   = var.spend
  }
  features   = { for feature, wanted in local.wanted : feature => local.actions[feature] if wanted }
  bucket_arn = "arn:${data.aws_partition.current.partition}:s3:::${var.trail_bucket}"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.principal_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Lets dd0c/cost see what costs money here. It can change nothing."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "feature" {
  for_each = local.features

  name = each.key
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = each.value, Resource = "*" }]
  })
}

data "aws_iam_policy_document" "trail" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${var.trail_prefix}AWSLogs/*"]
    }
  }

  statement {
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket_arn}/${var.trail_prefix}AWSLogs/*"]
  }

  dynamic "statement" {
    for_each = var.trail_key_arn == "" ? [] : [var.trail_key_arn]

    content {
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "trail" {
  count = var.trail_bucket == "" ? 0 : 1

  name   = "trail"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.trail.json
}

data "aws_iam_policy_document" "forwarding_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "forwarding" {
  count = var.event_bus_arn == "" ? 0 : 1

  name               = "${var.role_name}-events"
  description        = "Lets EventBridge hand calls that may change cost to the bus of dd0c/cost."
  assume_role_policy = data.aws_iam_policy_document.forwarding_trust.json
}

resource "aws_iam_role_policy" "forwarding" {
  count = var.event_bus_arn == "" ? 0 : 1

  name = "forward"
  role = aws_iam_role.forwarding[0].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "events:PutEvents", Resource = var.event_bus_arn }]
  })
}

resource "aws_cloudwatch_event_rule" "forwarding" {
  count = var.event_bus_arn == "" ? 0 : 1

  name          = "${var.role_name}-events"
  description   = "Calls that may change cost, for dd0c/cost. It needs a trail that logs write events."
  event_pattern = file("${path.module}/event-pattern.json")
}

resource "aws_cloudwatch_event_target" "forwarding" {
  count = var.event_bus_arn == "" ? 0 : 1

  rule     = aws_cloudwatch_event_rule.forwarding[0].name
  arn      = var.event_bus_arn
  role_arn = aws_iam_role.forwarding[0].arn
}

resource "aws_cloudwatch_event_rule" "heartbeat" {
  count = var.event_bus_arn == "" ? 0 : 1

  name                = "${var.role_name}-heartbeat"
  description         = "Says each hour that the way from this Region is open, so that dd0c/cost need not ask it so often."
  schedule_expression = "rate(1 hour)"
}

resource "aws_cloudwatch_event_target" "heartbeat" {
  count = var.event_bus_arn == "" ? 0 : 1

  rule     = aws_cloudwatch_event_rule.heartbeat[0].name
  arn      = var.event_bus_arn
  role_arn = aws_iam_role.forwarding[0].arn
}
