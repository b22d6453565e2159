"""`python -m tests.contract`: bring docs/contract.md up to the cases."""

from tests.contract.document import write

if __name__ == "__main__":
    write()
