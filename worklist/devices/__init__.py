"""The devices page: what stands where, whether it answers, what it sees and what it sent."""
