"""Read and write table files block by block, changing as little of their content as each format allows."""
