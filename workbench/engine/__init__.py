"""The process boundary: a child process computes, its parent asks and listens."""
