package acme.pure

upper_of(text) := upper(text)
