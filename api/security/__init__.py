"""Who is asking, and what they may see. Sources and records themselves are not looked at here."""
