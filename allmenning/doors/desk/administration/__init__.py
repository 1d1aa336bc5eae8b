"""What a municipality's administrator sets. Every page works as the login `administration`, which sees no case."""
