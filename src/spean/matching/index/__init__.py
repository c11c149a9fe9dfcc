"""One name against millions in milliseconds: keys of sounds find words, words find names, and the scorer explains the best."""
