//! Tests of the node's parts. One binary, so that the node is linked once for all of them.

mod attribution;
mod command_line;
mod commit;
mod content_http;
mod data_commands;
mod inference_child;
mod metrics;
mod operator;
