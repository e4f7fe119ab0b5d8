"""Hosts on which people only sign in: coming back from there is no new source. Each counts with its subdomains.

Those that everyone uses, and those of states; a city's own belongs into `return_hosts`.
"""

SIGN_ON = frozenset(
    """
    accounts.google.com accounts.youtube.com appleid.apple.com idmsa.apple.com account.apple.com login.live.com
    account.live.com login.microsoftonline.com login.microsoftonline.us login.windows.net b2clogin.com ciamlogin.com
    login.yahoo.com auth0.com okta.com oktapreview.com okta-emea.com onelogin.com pingone.com pingone.eu
    amazoncognito.com id-austria.gv.at eid.oesterreich.gv.at handy-signatur.at a-trust.at id.bund.de
    servicekonto.nrw.de iamapps.belgium.be itsme-id.com digid.nl eherkenning.nl franceconnect.gouv.fr
    proconnect.gouv.fr account.gov.uk signin.service.gov.uk login.gov mygovid.gov.au nemlog-in.dk mitid.dk
    bankid.com idporten.no frejaeid.com tunnistautuminen.suomi.fi tara.ria.ee smart-id.com swissid.ch eiam.admin.ch
    spid.gov.it arubapec.it autenticacao.gov.pt clave.gob.es login.gov.pl profil-zaufany.pl identitaobcana.cz
    nia.eidentita.cz ugyfelkapu.gov.hu idp.gov.hu signicat.com criipto.com singpass.gov.sg realme.govt.nz
    """.split()
)
