"""The screens that ops and accountants use: pages made on the server, under `/app`."""
