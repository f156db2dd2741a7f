"""What clients see: GraphQL types and resolvers, a file per noun."""
