//! Which data shaped an answer, and by how much: scoring algorithms over data and models.
