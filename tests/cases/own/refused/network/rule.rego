package acme.rule

deny contains "x" if http.send({"method": "get", "url": "https://example.org"}).status_code != 200
