def tabulate(): pass
