# The provider plans an edit of a prompt or of the temperature as an update in place, and then refuses to make it.
# A digest of the request, kept beside the completion, turns every edit into a replacement.
#
# Left out on purpose: metadata, which labels a stored completion and is no part of what the model is asked (the
# provider replaces on its change by itself), and imported, which only says where the completion came from.

resource "terraform_data" "request" {
  input = sha256(jsonencode({
    model             = var.model
    messages          = var.messages
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
  }))
}
