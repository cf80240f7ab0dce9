"""Who may use the control plane, and how much: tokens, users, quotas, and answers that are kept."""
