"""Reading a report over before it is signed: facts to the pure rules, levels per site, the answer."""
