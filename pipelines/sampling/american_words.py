"""Names and words of made-up districts in the United States, the common ones first. Data only.

Names of many origins, with the spellings that break careless software: accents, apostrophes, hyphens, spaces.
"""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


GIVEN_FEMALE = _listed("""
Olivia, Emma, Sofía, Ava, Maya, Isabella, Mia, Aaliyah, Camila, Chloe, Zoe, Priya, Layla, Grace, Fatima, Ximena,
Naomi, Linh, Hannah, Jasmine, Amara, Elena, Mei, Nia, Lucía, Ingrid, Yara, Destiny, Aiyana, Keiko, Anjali, Rosa,
Siobhán, Talia, Nevaeh, Thùy, Renée, Esperanza, Wren, Chidinma, Ayşe, Zainab, Brooke, Kaia, Noor, Daniela,
Imani, Harper, Soo-ah, Svetlana, Anaïs, Mary-Kate
""")
GIVEN_MALE = _listed("""
Liam, Noah, Mateo, Elijah, James, Lucas, Santiago, Ethan, Malik, Daniel, Mason, Diego, Arjun, Jayden, Omar,
Aiden, José, Isaiah, Minh, Samuel, Caleb, Andre, Wei, Julián, Xavier, Kwame, Henry, Rohan, Ángel, Mohammed,
Levi, Tyrone, Kai, Nicolás, Cheveyo, Hiroshi, Darius, Rafael, Seán, Dmitri, Luca, Tariq, Bodhi, Emeka, Zoltán,
Ibrahim, Marcus, Joon-ho, Björn, D'Andre, Jean-Luc, Ezekiel
""")
FAMILY = _listed("""
Smith, García, Johnson, Nguyen, Williams, Martinez, Brown, Rodríguez, Jones, Patel, Davis, Hernández, Miller,
Kim, Wilson, López, Washington, Chen, Taylor, González, Anderson, Khan, Jackson, Tran, Lee, Pérez, Harris,
Singh, Robinson, Torres, Thompson, O'Brien, Lewis, Rivera, Walker, Begay, Young, Flores, Hall, Okafor, Green,
Ramírez, Baker, Ali, Campbell, Reyes, Nakamura, Murphy, Cruz, Kowalski, Ortiz, Yazzie, Schmidt, Gutiérrez,
Haddad, Park, de la Cruz, Van Buren, Mensah, St. John, Núñez, Petrović, Fischer, D'Angelo, Smith-Jones, Le,
Abdi, Novák, Castillo, Muñoz, Jørgensen, Vang, Tsosie, Cohen, Oyelaran, MacDonald, Delacroix-Ruiz, Kealoha,
Iyer, Öztürk, Sørensen, Mac an tSaoir, Xiong, Hussein, Lindqvist, Whitehorse, Bautista, Al-Masri, Zhou,
Ferreira
""")
PRONOUNS = ("she/her/hers", "he/him/his", "they/them/theirs")
PLACES = _listed("""
Lincoln, Riverside, Jefferson, Oakwood, Cedar, Franklin, Highland, Willow, Roosevelt, Lakeview, Maple,
Northgate, Douglass, Eastlake, Fairview, Sycamore, Chavez, Hillcrest, Parks, Meadowbrook, Sacajawea, Westfield,
Tubman, Pioneer, Aspen, Clearwater, Bethune, Ridgeway, Magnolia, Summit
""")
