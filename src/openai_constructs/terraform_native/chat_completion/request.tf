# The native provider replaces on every edit by itself. The digest is kept so that a stack may go from one provider
# to the other without a change in its state: it is that of the public provider's module as long as nothing native is
# asked for.
#
# Left out on purpose: metadata, which the provider updates in place, and what only says how the completion is kept.

locals {
  asked_natively = {
    tools                 = var.tools
    tool_choice           = var.tool_choice
    parallel_tool_calls   = var.parallel_tool_calls
    response_format       = var.response_format
    max_completion_tokens = var.max_completion_tokens
    seed                  = var.seed
    reasoning_effort      = var.reasoning_effort
    service_tier          = var.service_tier
    fallback_models       = var.fallback_models
  }

  messages = [
    for message in var.messages : {
      for name, value in message : name => value if value != null || !contains(["tool_calls", "tool_call_id"], name)
    }
  ]
}

resource "terraform_data" "request" {
  input = sha256(jsonencode(merge({
    model             = var.model
    messages          = local.messages
    functions         = var.functions
    function_call     = var.function_call
    temperature       = var.temperature
    max_tokens        = var.max_tokens
    top_p             = var.top_p
    n                 = var.n
    stop              = var.stop
    presence_penalty  = var.presence_penalty
    frequency_penalty = var.frequency_penalty
    logit_bias        = var.logit_bias
    user              = var.user
    stream            = var.stream
    store             = var.store
    }, {
    for name, value in local.asked_natively : name => value if value != null
  })))
}
