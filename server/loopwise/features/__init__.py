"""What an editor asks for, one feature a file, each one public function: values in, values out, no protocol."""
