"""What a run tells and leaves behind: events, the run store on disk, history. Uses neither torch nor Qt."""
