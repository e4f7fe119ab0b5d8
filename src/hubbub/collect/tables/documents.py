"""Which numbers name a person: documents and accounts whose last digits check the others, by python-stdnum's modules.

A document is looked for by the number of its letters and digits, separators aside. Only those are listed that have
check digits, or a form that no other text has: what merely counts its digits (passports, most driving licences) would
take any number for a person's. Of companies' numbers none is listed.
"""

from collections.abc import Mapping

DOCUMENTS: Mapping[int, tuple[str, ...]] = {
    length: tuple(modules.split())
    for length, modules in {
        8: "ie.pps cl.rut",
        9: "au.tfn ca.sin cl.rut cz.rc es.dni es.nie ie.pps il.idnr nl.bsn nl.onderwijsnummer nz.ird pt.nif us.itin",
        10: "at.vnr bg.egn bg.pnf ca.bc_phn cz.rc dk.cpr ec.ci gb.nhs gb.utr in_.epic is_.kennitala"
        " se.personnummer ua.rntrc",
        11: "be.nn be.bis br.cpf cu.ni de.idnr do.cedula ee.ik fi.hetu gr.amka hr.oib lt.asmens lv.pvn no.fodselsnummer"
        " pl.pesel tr.tckimlik",
        12: "be.eid in_.aadhaar my.nric pt.cc se.personnummer",
        13: "ch.ssn fr.nif gb.upn kr.rrn ro.cnp si.emso th.pin za.idnr",
        14: "mu.nid",
        15: "fr.nir imei",
        16: "id.nik in_.vid it.codicefiscale",
        18: "cn.ric mx.curp",
    }.items()
}

ACCOUNTS: Mapping[int, tuple[str, ...]] = {
    11: ("no.kontonr",),
    15: ("nz.bankaccount",),
    16: ("nz.bankaccount",),
    20: ("es.ccc",),
    22: ("ar.cbu",),
}
"""Bank accounts that are no IBAN."""

CARD_LENGTHS = range(13, 20)
CARD_BEGINS = frozenset("23456")
"""Payment cards: Luhn's check digit, and the first digit of issuers of the travel, banking and trading branches
(ISO/IEC 7812).
"""
