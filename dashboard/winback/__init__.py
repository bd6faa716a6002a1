"""The win-back desk: cases, waves, what they brought, whom to keep in touch with."""
