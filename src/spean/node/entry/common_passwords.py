"""Words of which common passwords are made, longest first: a password that is nothing but these, digits and signs, is refused.

Chosen from what is guessed first everywhere (keyboard rows, names, seasons, clubs, heroes) and in the countries of the founders.
"""

_WORDS = """
administrator harrypotter kualalumpur onetwothree philippines basketball california contrasena everything
government hellohello manchester motdepasse opensesame qwertyuiop realmadrid strawberry alexander asdfghjkl
australia barcelona beautiful bismillah butterfly chocolate christian detective elizabeth hochiminh indonesia
lightning liverpool microsoft phnompenh qazwsxedc qweasdzxc saranghae september singapore skywalker something
spiderman stephanie temporary vientiane wednesday anhyeuem anything babygirl baseball business cambodia
changeme computer corvette daughter december facebook february football hannover iloveyou internet interpol
jennifer juventus malaysia mercedes michelle ministry november password passwort princess samantha saturday
sawasdee security shanghai startrek starwars steelers sunshine superman thailand thankyou thursday together
whatever abcdefg america android anthony antoine arsenal bangkok beijing blessed brandon brother camille
charles charlie chelsea chicago chicken company cowboys cricket darling default destiny dolphin england
ferrari florida forever foxtrot freedom friends gandalf germany heather ironman jakarta january jessica
keyword letmein loveyou manager matkhau matthew melissa michael mustang myanmar natasha network newpass
newyork nicolas nothing october officer panther passkey patrick peaches phoenix pikachu pokemon porsche
private rahasia rainbow richard samsung samurai service sheriff someone support sweetie testing thunder
trustno tuesday vietnam warrior welcome william windows yankees zxcvbnm abcabc abcdef access always amanda
andrew angels angkor asdasd asdfgh ashley august autumn azerty bailey banana batman berlin boston brazil
bridge brunei buster camaro canada change cherry christ cookie dallas daniel dollar dragon falcon family
father flower france friday friend george ginger google hannah harley heaven hobbit hockey hunter iphone
jordan joshua julien justin killer knight lakers lisbon london lovely loveme madrid manila martin master
matrix mexico monday monkey moscow mother mylove myself naruto nicole office oracle orange parola passwd
pepper pierre please police prince qazwsx qweasd qweqwe qwerty qwertz rabbit ranger robert saigon sample
sayang secret secure server sesame shadow sierra sister soccer sophie spring steven summer sunday suzuki
system taylor tennis tester thomas toyota turtle ubuntu united unlock victor winter wizard woaini yamaha
yangon zaqxsw zxcvbn admin agent aiyou alpha angel apple april asean blood bravo brian burma candy china cinta
cisco cutie david death delta devil eagle eight faith guest hanoi hello honda honey horse italy james japan
jason jesus kevin khmer kitty korea lemon letme linux login logon lucky march maria maybe money never ninja
noone omega paris passw peace peter puppy queen rugby satan senha seoul seven shark simon snake spain spean
storm sweet texas three tiger token tokyo trust abcd anna audi baby bank bear cash code demo emma fire five
four golf hell hope jack john july june king laos lion lock love mima nine open pass root safe temp test user
wolf word work your zero aaa abc and bmw dad edc god ice key max mom new one pwd qaz six son ten the two wsx
xxx zaq
"""
COMMON: tuple[str, ...] = tuple(_WORDS.split())
