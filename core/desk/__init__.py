"""What people do about customers: waves, cases, cards, plans, judgements, registers."""
