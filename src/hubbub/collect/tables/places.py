"""Places that only tell the channel of a visit; they are shown as their registrable domain. As in `sources`."""

from hubbub.collect.tables.sources import Kind

UNNAMED: dict[Kind, str] = {
    "search": """
        1.cz 118700.se 123people.* 1881.no abacho.* abcsok.no acoon.de alexa.com alicesuche.aonmedia.de all.by
        allaverksamheter.se allesklar.* alltheinternet.com alltheweb.com alohafind.com alot.com altavista.*
        andisearch.com apollo.lv apollo7.de aport.ru arama.com arcor.de ariadna.elmundo.es arianna.com
        arianna.libero.it ask.co.uk ask.reference.com askkids.com atlas.cz auone.jp avg.com babylon.com
        baidu.co.th benefind.de biglobe.* biglobe.ne.jp blekko.com blogdigger.com blogpulse.com
        blogs.icerocket.com brisbane.t-online.de busca.orange.es busca.uol.com.br cc.bingj.com centrum.cz
        cercato.it cgi2.nintendo.co.jp charter.net chercherfr.aguea.com claro-search.com cnn.com coccoc.com
        conduit.com crawler.com cuil.com daemon-search.com darkoogle.com dasoertliche.de de.aolsearch.com
        delta-search.com disconnect.me dmoz.org dogpile.com en.wedoo.com eniro.* entireweb.com eo.st
        epicsearch.in es.wedoo.com eurip.com euroseek.com everyclick.com exalead.* excite.*
        extern.peoplecheck.de fastbrowsersearch.com fastweb.it find.tdc.dk findhurtig.dk findx.com fireball.com
        fireball.de firmy.cz firstsfind.com fixsuche.de flix.de forestle.mobi forestle.org fr.dir.com
        fr.wedoo.com freespoke.com gais.cs.ccu.edu.tw geona.net gfsoso.com gibiru.com gigablast.com givero.com
        globo.com gnadenmeer.de gogole.* gomeo.com goo.ne.jp googel.* google.interia.pl
        googlesyndicatedsearch.com gooofullsearch.com govome.inspsearch.com goyellow.de gppgle.* gulesider.no
        highbeam.com hit-parade.com hledani.tiscali.cz holmes.ge home.kingsoft.jp home.speedbit.com hooseek.com
        hotbot.com icq.com ilse.nl incredimail.com infinitysearch.co info.com infospace.com isearch.com
        isearch.glarysoft.com isodelen.se it.luna.tv ixquick.de izito.com jp.hao123.com jungle-spider.de
        junglekey.com junglekey.fr juniorsafesearch.com jwsearch.jword.jp jyxo.1188.cz k9safesearch.com
        kadaza.com karmasearch.org kataweb.it kensaq.com kf.mysearch.myway.com ki.mysearch.myway.com
        ko.search.need2find.com komo.do kvasir.no kwzf.net laban.vn latne.lv leit.is lemoteur.fr
        lemoteur.orange.fr lilo.org lo.st localmoxie.com lookany.com looksmart.com lukol.com lycos.* maailm.com
        mamma.com meinestadt.de meta.rrzn.uni-hannover.de meta.ua metacrawler.com metager2.de mister-wong.com
        mister-wong.de monstercrawler.com monumentbrowser.com mozbot.co.uk mozbot.com mozbot.fr msn.com
        myprivatesearch.com mysearch.com mywebsearch.com najdi.org najdi.si nate.com
        navigationshilfe.t-online.de neti.ee netlavis.azione.jp netscape.com nigma.ru oceanhero.today
        okeano.com onet.pl online.no only-search.com optuszoo.com.au oscobo.com otsing.delfi.ee p.zhongsou.com
        paperball.de parsijoo.ir peekier.com pesquisa.clix.pt picsearch.com plazoo.com plusnetwork.com poisk.ru
        privacywall.org qbyrd.com qualigo.* quendu.com rakuten.co.jp recherche.francite.com
        rechercher.aliceadsl.fr riksdelen.se rpmfind.net s1.metacrawler.de s2.metacrawler.de s3.metacrawler.de
        safesearch.avira.com sapo.pt scour.com search-results.com search.1und1.de search.abv.bg
        search.avast.com search.avira.com search.avira.net search.azby.fmworld.net search.b1.org
        search.bluewin.ch search.bt.com search.ch search.chatzum.com search.chedot.com search.com
        search.comcast.net search.disconnect.me search.dolphin-browser.jp search.earthlink.net
        search.f-secure.com search.fbdownloader.com search.fooooo.com search.foxtab.com search.free.fr
        search.freecause.com search.frontier.com search.genieo.com search.gmx.* search.handycafe.com
        search.hiyo.com search.imesh.com search.iminent.com search.incredibar.com search.juno.com
        search.kiwee.com search.leonardo.it search.libero.it search.lookseek.com search.lu search.magentic.com
        search.marginalia.nu search.myway.com search.nan.so search.nifty.com search.offerbox.com
        search.orange.fr search.peoplepc.com search.qip.ru search.rr.com search.searchcompletion.com
        search.seesaa.jp search.sky.com search.smartaddressbar.com search.smartshopping.com search.snap.do
        search.softonic.com search.sweetim.com search.trustnav.com search.v9.com search.webssearches.com
        search.winamp.com search.www.ee search.xfinity.com search.yam.com search.zonealarm.com search.zum.com
        search1-1.free.fr search1-2.free.fr searchalot.com searchcanvas.com searchencrypt.com
        searches.f-secure.com searches.safehomepage.com searches.vi-view.com searches3.globososo.com
        searchlock.com searchmobileonline.com searchqu.com searchresults.verizon.com searchy.co.uk searchya.com
        searx.be setooz.com sharelook.fr skynet.be sm.de smart.delfi.lv smt.docomo.ne.jp so-net.ne.jp soso.com
        sou.com sputnik.ru start.facemoods.com start.funmoods.com start.iplay.com start.lenovo.com startab.me
        startpagina.nl startsiden.no stract.com suche.1und1.de suche.aol.* suche.aolsvc.de suche.freenet.de
        suche.gmx.net suche.info suche.t-online.de suche.web.de suchmaschine.com suchnase.de sukoga.com
        surfcanyon.com swiggle.org.uk szukacz.pl talimba.com talktalk.co.uk tarmot.com tattoodle.com
        technorati.com teoma.com terra.* terra.com.br tineye.com tiscali.it tixuma.de toile.com toolbarhome.com
        toppreise.ch torry.io trouvez.com trovarapido.com trovaweb.net trusted-search.com tusksearch.com tut.by
        twingly.com ukr.net url.org utorrent.inspsearch.com videosearch.nifty.com vinden.nl vindex.nl
        virgilio.it virginmedia.com vivisimo.com voila.fr vuhuv.com walhello.* walhello.info walla.co.il
        web.canoe.ca web.nl web.volny.cz webalta.ru webcrawler.com webfetch.com weborama.fr websearch.com
        websearch.cs.com wirtualna.pl witch.de wolframalpha.com woopie.jp wow.com wp.pl www1.austronaut.at
        www1.dastelefonbuch.de www2.austronaut.at www2.inbox.com www3.zoek.nl wwwgoogle.* x-recherche.com
        yasni.* yasni.co.uk yatedo.com yatedo.fr yellowmap.de yippy.com yongzin.com yooz.ir yougoo.fr
        ys.mirostart.com zapmeta.* zapmeta.com zapmetasearch.* zen.yandex.ru zoeken.nl zoohoo.cz zoznam.sk
        zxuso.com
    """,
    "social": """
        43things.com 51.com 5ch.net about.me academia.edu activerain.com activeworlds.com addthis.com airg.ca
        allnurses.com allrecipes.com alumniclass.com ameba.jp ameblo.jp americantowns.com aminoapps.com
        ancestry.com anobii.com answerbag.com answers.com answers.yahoo.com aolanswers.com artstation.com
        asmallworld.com athlinks.com avvo.com awe.sm baby-gaga.com babyblog.ru badoo.com band.us bebo.com
        beforeitsnews.com bereal.com bharatstudent.com biblegateway.com biip.no biswap.org bit.ly
        bitcoinhackers.org bitly.com bizsugar.com blackcareernetwork.com blackplanet.com blip.fm blog.com
        blog.goo.ne.jp blog.naver.com blog.yahoo.co.jp blogg.no blogg.se bloggang.com blogher.com bloglines.com
        bloglovin.com blogs.com blogsome.com blogster.com blurtit.com bookmarks.yahoo.* botsin.space
        braineet.com brightkite.com brizzly.com buzzfeed.com buzznet.com c.im cafe.daum.net cafe.naver.com
        cafemom.com camospace.com canalblog.com care.com care2.com caringbridge.org catster.com cbnt.io
        cellufun.com cellufun.net centerblog.net chegg.com chicagonow.com chiebukuro.yahoo.co.jp classmates.com
        classquest.com clubhouse.com cocolog-nifty.com copainsdavant.linternaute.com couchsurfing.com
        couchsurfing.org cozycot.com cross.tv cybre.space cyworld.com dailystrength.org datpiff.com
        delicious.com deluxe.com deviantart.com dianping.com diaspora-fr.org digg.com diigo.com disqus.com
        dogster.com dol2day.com doostang.com dopplr.com douyin.com douyu.com draugiem.lv dreamwidth.org
        dribbble.com drugs-forum.com dzone.com edublogs.org elftown.com epicurious.com eventbrite.*
        everforo.com exblog.jp extole.com faceparty.com fandom.com fanpop.com fark.com faves.com fc2.com
        feedspot.com feministing.com fetlife.com filmaffinity.com flixster.com folkd.com folkdirect.com
        foodservice.com forums.androidcentral.com forums.crackberry.com forums.imore.com forums.webosnation.com
        forums.wpcentral.com fotki.com fotolog.com friendfeed.com friendica.eu friends.nico friendsreunited.com
        friendster.com front-end.social fruehstueckstreff.org fubar.com gab.com gaiaonline.com gamefaqs.com
        gamerdna.com gate.sc gather.com geni.com getmati.ch gettr.com glassboard.com glassdoor.com godtube.com
        goldenline.pl goldstar.com goo.gl goodreads.com googlegroups.com govloop.com gowalla.com graphics.social gree.jp
        groups.google.com gulli.com gutefrage.net habbo.com hatena.* hatena.ne.jp hi5.com hootsuite.com
        houzz.com hoverspot.com hr.com hubculture.com hubpages.com huya.com hyves.net hyves.nl ibibo.com
        identi.ca imageshack.com imageshack.us imdb.com imgur.com imvu.com indiehackers.com indieweb.social
        insanejournal.com instapaper.com instructables.com internations.org interpals.net intherooms.com
        irc-galleria.net is.gd issuu.com italki.com iwiw.hu jalgi.eus jameda.de jammerdirect.com jappy.com
        jappy.de jodel.com kaboodle.com kaixin001.com kakaostory.com kaneva.com kaskus.co.id kickstarter.com
        kin.naver.com knzk.me ko-fi.com kununu.com lang-8.com last.fm lastfm.* lefora.com lemmy.ml lemmy.world
        librarything.com lifestream.aol.com linux.org.ru listal.com listography.com livedoor.com livejasmin.com
        livejournal.* livestream.com lobste.rs locals.com lokalisten.de lovoo.com masto.* mastodon.*
        mastodon.eus mastodon.scot mastodon.technology mastodon.xyz mastodonapp.uk mastodont.cat mbga.jp
        meetin.org meinvz.net meneame.net menuism.com messages.google.com messages.yahoo.co.jp metapixl.com
        mewe.com minds.com missevan.com mix.com mixi.jp mocospace.com moikrug.ru mouthshut.com movabletype.com
        mstdn.* mstdn.party mubi.com multiply.com mumsnet.com my.mail.ru my.opera.com myanimelist.net
        myfitnesspal.com myheritage.com mylife.com mylife.ru mymodernmet.com myspace.com myyearbook.com
        nasza-klasa.pl netlog.com netvibes.com newsie.social newsvine.com nexopia.com ngopost.org nicovideo.jp
        nightlifelink.com ning.com nk.pl note.com odnoklassniki.ua odysee.com ohai.social okcupid.com okwave.jp
        oneworldgroup.org onlyfans.com onstartups.com opendiary.com openrice.com orkut.com oshiete.goo.ne.jp
        out.reddit.com over-blog.com overblog.com paper.li parler.com partyflock.nl patreon.com pawoo.net
        pbworks.com peepeth.com pexels.com photobucket.com pinboard.in pingsta.com pinterest.info
        pix.toot.wales pixelfed.* pixelfed.social pixelfed.uno pixey.org pixiv.net plaxo.com playahead.se
        plurk.com plus.google.com plus.url.google.com polyvore.com posterous.com pro.homeadvisor.com
        productforums.google.com producthunt.com pulse.yahoo.com pxlmo.com qapacity.com quechup.com
        questionpro.com quey.org raptr.com ravelry.com raverly.com rediff.com rednote.com redux.com renren.com
        researchgate.net reunion.com reverbnation.com ro-mastodon.puyo.jp rtl.de ryze.com salespider.com
        scoop.it screenrant.com scribd.com scvngr.com secondlife.com segmentfault.com sermo.com sfba.social
        shareit.com sharethis.com shutterfly.com shvoong.com skyfeed.app skyrock.com slashdot.org
        slideshare.net smartnews.com smugmug.com snapfish.com snip.ly social.tchncs.de sociallife.com.br
        socialvibe.com sonico.com soundcloud.com soup.io sourceforge.net spaces.live.com spaces.ru spoke.com
        sprintally.com spruz.com squidoo.com ssense.com stackapps.com stage32.com stardoll.com stickam.com
        stocktwits.com storify.com streamyard.com studivz.net stumbleupon.com suomi24.fi sweeva.com tagged.com
        taggedmail.com talkbiznow.com tapatalk.com taptalk.com taringa.net techmeme.com tencent.com tinder.com
        tinyurl.com tistory.com tkm.eus toolbox.com toot.community topix.com touchtalent.com
        travellerspoint.com travelpod.com tribe.net trombi.com trustpilot.com truthsocial.com tudou.com
        tuenti.com twitcasting.tv twoo.com typepad.com typo.social ubuntuforums.org umblr.com unblog.fr
        universeodon.com urbanspoon.com ushareit.com ushi.cn v2ex.com vampirefreaks.com vampirerave.com vero.co
        vg.no viadeo.com video.ibm.com videohelp.com vine.co virb.com vis.social vkrugudruzei.ru wakoopa.com
        wattpad.com wayn.com webshots.com weebly.com weeworld.com wer-weiss-was.de weread.com werkenntwen.de
        whatsapp.biz wikihow.com wikitravel.org withkoji.com woot.com workplace.com xanga.com xiaohongshu.com
        yahoo-mbga.jp yahoogroups.com yammer.com youku.social youroom.in yozm.com yy.com zalo.me zello.com
        zoo.gr zooppa.com
    """,
    "video": """
        9gag.tv arte.tv bitchute.com crackle.com crunchyroll.com curiositystream.com d.tube disneyplus.com
        dtube.video ertflix.gr hbomax.com hulu.com iq.com iqiyi.com itv.com joyn.de justin.tv jwplayer.com
        kick.com max.com mgtv.com mux.com nebula.tv niconico.jp peacocktv.com peertube.social primevideo.com
        rutube.ru screen.yahoo.com ted.com tubitv.com tv.naver.com ustream.tv utreon.com v.qq.com veoh.com
        viadeo.journaldunet.com vidyard.com viki.com viu.com wetv.vip wistia.com wistia.net youku.com
        zattoo.com
    """,
    "shopping": """
        amazon-adsystem.com bestbuy.* bol.com cdiscount.com checkout.stripe.com costco.* coupang.* depop.com
        ebaystatic.com flipkart.com fnac.com gearbest.com geizhals.* groupon.* homedepot.com idealo.* jd.com
        kaufland.de kohls.com lazada.* lowes.com macys.com mall.cz manomano.* mediamarkt.* myntra.com
        newegg.com opensea.io otto.de overstock.com ozon.ru pinduoduo.com poshmark.com preisvergleich.de
        qvc.com rakuten.* redbubble.com sephora.com shein.* shopee.* shopping.com shopping.google.*
        shopping.naver.com shopping.net shopping.yahoo.* shopzilla.com simplycodes.com snapdeal.com stockx.com
        stripe.com target.com temu.com trendyol.com vinted.* wayfair.com wildberries.ru willhaben.at wish.com
        zalando.* zappos.com
    """,
    "email": """
        brevo.com campaign-archive.com cleverreach.com createsend.com e.mail.ru email.seznam.cz
        email.t-online.de fastmail.com hey.com libero.it list-manage.com mail.126.com mail.163.com
        mail.bg mail.com mail.daum.net mail.naver.com mail.qq.com mail.ru mail.tiscali.it
        mail.yandex.com mail.yandex.ru mailbox.org mailchi.mp mailjet.com newsletter2go.com
        poczta.interia.pl poczta.o2.pl poczta.onet.pl poczta.wp.pl posteo.de rapidmail.de roundcube.net
        sendgrid.net sendinblue.com tuta.com tutanota.com webmail.a1.net webmail.free.fr
    """,
    "ai": """
        ai.baidu.com andi.ai aria.opera.com character.ai chat-gpt.org chat.bing.com chat.qwenlm.ai
        chatai.com chatplus.com consensus.app coral.cohere.com elicit.com euria.infomaniak.com exa.ai
        felo.ai genspark.ai groq.com huggingface.co hunyuan.tencent.com jasper.ai komo.ai liner.com
        lmarena.ai lumo.proton.me manus.im monica.im nelima.org openrouter.ai pi.ai stepfun.com t3.chat
        writesonic.com yiyan.baidu.com yuanbao.tencent.com
    """,
    "other": """
        accounts.google.* calendar.google.* chat.google.* classroom.google.* docs.google.*
        drive.google.* forms.google.* keep.google.* meet.google.* sites.google.* support.google.*
        translate.yandex.*
    """,
}
