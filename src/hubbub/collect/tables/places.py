"""Places that only tell the channel of a visit; they are shown as their registrable domain. As in `sources`."""

from hubbub.collect.tables.sources import Kind

UNNAMED: dict[Kind, str] = {
    "search": """
        abacho.* abcsok.no alexa.com alicesuche.aonmedia.de allesklar.* alltheweb.com alot.com
        altavista.* andisearch.com aport.ru arianna.libero.it atlas.cz auone.jp avg.com babylon.com
        biglobe.* biglobe.ne.jp blekko.com centrum.cz coccoc.com conduit.com cuil.com dasoertliche.de
        disconnect.me dogpile.com eniro.* entireweb.com exalead.* excite.* findx.com fireball.de
        firmy.cz gibiru.com gigablast.com givero.com globo.com goo.ne.jp hotbot.com incredimail.com
        infinitysearch.co info.com infospace.com isearch.com izito.com karmasearch.org komo.do kvasir.no
        leit.is lemoteur.orange.fr lilo.org lukol.com lycos.* mamma.com metacrawler.com msn.com
        mysearch.com mywebsearch.com najdi.org najdi.si nate.com netscape.com nigma.ru okeano.com
        onet.pl oscobo.com parsijoo.ir peekier.com privacywall.org rakuten.co.jp sapo.pt
        search-results.com search.avira.com search.bluewin.ch search.bt.com search.ch search.com
        search.disconnect.me search.earthlink.net search.gmx.* search.imesh.com search.libero.it
        search.lu search.marginalia.nu search.orange.fr search.sky.com search.smartaddressbar.com
        searchencrypt.com searchlock.com searx.be smt.docomo.ne.jp sputnik.ru startpagina.nl
        startsiden.no stract.com suche.aol.* suche.freenet.de suche.gmx.net suche.t-online.de
        suche.web.de sukoga.com szukacz.pl terra.* terra.com.br tineye.com tiscali.it toile.com
        trovaweb.net tusksearch.com tut.by ukr.net virgilio.it virginmedia.com vivisimo.com voila.fr
        walla.co.il webalta.ru webcrawler.com wirtualna.pl wolframalpha.com wp.pl yippy.com yooz.ir
        zapmeta.com zen.yandex.ru zoznam.sk
    """,
    "social": """
        43things.com 51.com 5ch.net about.me academia.edu addthis.com allnurses.com allrecipes.com
        ameba.jp ameblo.jp aminoapps.com ancestry.com anobii.com answers.com answers.yahoo.com
        artstation.com avvo.com badoo.com band.us bebo.com bereal.com biblegateway.com biip.no bit.ly
        bitly.com bizsugar.com blackplanet.com blog.com blog.goo.ne.jp blog.naver.com blogg.se
        blogher.com bloglines.com bloglovin.com blogs.com botsin.space braineet.com brizzly.com
        buzzfeed.com buzznet.com c.im cafe.daum.net cafe.naver.com cafemom.com camospace.com
        canalblog.com care2.com caringbridge.org cellufun.net chegg.com chiebukuro.yahoo.co.jp
        classmates.com clubhouse.com couchsurfing.com couchsurfing.org cross.tv cyworld.com datpiff.com
        delicious.com deviantart.com dianping.com diaspora-fr.org digg.com diigo.com disqus.com
        dogster.com dopplr.com douyin.com douyu.com dreamwidth.org dribbble.com dzone.com edublogs.org
        epicurious.com eventbrite.* everforo.com extole.com fark.com faves.com feedspot.com fetlife.com
        flixster.com folkd.com fotki.com fotolog.com friendica.eu friendster.com front-end.social
        gab.com gaiaonline.com gamefaqs.com geni.com getmati.ch gettr.com glassdoor.com goodreads.com
        gree.jp groups.google.com gutefrage.net habbo.com hatena.* hatena.ne.jp hi5.com hootsuite.com
        houzz.com hubpages.com huya.com hyves.nl ibibo.com identi.ca imdb.com imgur.com indiehackers.com
        indieweb.social instructables.com issuu.com italki.com iwiw.hu jameda.de jappy.de jodel.com
        kaixin001.com kakaostory.com kaskus.co.id kickstarter.com kin.naver.com ko-fi.com kununu.com
        last.fm lastfm.* lefora.com lemmy.ml lemmy.world librarything.com linux.org.ru livejasmin.com
        livejournal.* livestream.com lobste.rs locals.com lokalisten.de lovoo.com masto.* mastodon.*
        mastodonapp.uk meinvz.net meneame.net messages.google.com mewe.com minds.com mix.com mixi.jp
        mocospace.com moikrug.ru mouthshut.com mstdn.* mubi.com mumsnet.com my.mail.ru myfitnesspal.com
        myheritage.com mylife.com mymodernmet.com myspace.com nasza-klasa.pl netlog.com netvibes.com
        newsie.social newsvine.com nicovideo.jp ning.com nk.pl note.com odysee.com ohai.social
        okcupid.com onlyfans.com opendiary.com openrice.com orkut.com oshiete.goo.ne.jp out.reddit.com
        parler.com patreon.com pawoo.net pbworks.com pexels.com photobucket.com pinboard.in pixelfed.*
        pixiv.net plaxo.com plurk.com plus.google.com plus.url.google.com polyvore.com posterous.com
        productforums.google.com producthunt.com qapacity.com quechup.com questionpro.com raptr.com
        ravelry.com raverly.com rediff.com rednote.com renren.com researchgate.net ryze.com scoop.it
        scribd.com segmentfault.com sermo.com sfba.social shareit.com sharethis.com shutterfly.com
        shvoong.com skyfeed.app skyrock.com slashdot.org slideshare.net smartnews.com smugmug.com
        snapfish.com snip.ly social.tchncs.de sonico.com soundcloud.com soup.io sourceforge.net
        spaces.live.com spaces.ru spoke.com sprintally.com spruz.com squidoo.com stage32.com stickam.com
        stocktwits.com storify.com streamyard.com studivz.net stumbleupon.com tagged.com talkbiznow.com
        tapatalk.com taptalk.com taringa.net techmeme.com tinder.com tistory.com toot.community
        topix.com touchtalent.com travelpod.com tribe.net trustpilot.com truthsocial.com tuenti.com
        twitcasting.tv twoo.com typepad.com typo.social ubuntuforums.org umblr.com universeodon.com
        urbanspoon.com v2ex.com vero.co viadeo.com videohelp.com vine.co virb.com vis.social
        vkrugudruzei.ru wakoopa.com wattpad.com wayn.com weeworld.com werkenntwen.de whatsapp.biz
        wikihow.com withkoji.com workplace.com xanga.com xiaohongshu.com yahoogroups.com yammer.com
        youku.social yozm.com yy.com zalo.me zello.com zoo.gr zooppa.com
    """,
    "video": """
        9gag.tv arte.tv bitchute.com crackle.com crunchyroll.com curiositystream.com d.tube
        disneyplus.com dtube.video ertflix.gr hbomax.com hulu.com iq.com iqiyi.com itv.com joyn.de
        justin.tv jwplayer.com kick.com max.com mgtv.com mux.com nebula.tv niconico.jp peacocktv.com
        peertube.social primevideo.com rutube.ru screen.yahoo.com ted.com tubitv.com tv.naver.com
        ustream.tv utreon.com v.qq.com veoh.com vidyard.com viki.com viu.com wetv.vip wistia.com
        wistia.net youku.com zattoo.com
    """,
    "shopping": """
        amazon-adsystem.com bestbuy.* bol.com cdiscount.com checkout.stripe.com costco.* coupang.*
        depop.com ebaystatic.com flipkart.com fnac.com gearbest.com geizhals.* groupon.* homedepot.com
        idealo.* jd.com kaufland.de kohls.com lazada.* lowes.com macys.com mall.cz manomano.*
        mediamarkt.* myntra.com newegg.com opensea.io otto.de overstock.com ozon.ru pinduoduo.com
        poshmark.com preisvergleich.de qvc.com rakuten.* redbubble.com sephora.com shein.* shopee.*
        shopping.com shopping.google.* shopping.naver.com shopping.net shopping.yahoo.* shopzilla.com
        simplycodes.com snapdeal.com stockx.com stripe.com target.com temu.com trendyol.com vinted.*
        wayfair.com wildberries.ru willhaben.at wish.com zalando.* zappos.com
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
