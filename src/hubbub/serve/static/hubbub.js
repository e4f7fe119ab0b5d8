// docs/tracker.md
try{let d=document,t=d.currentScript,D=t.dataset,l=location,r=d.referrer.split("/",3).join("/"),h=history.pushState,u,s,e,y,z,q=self.hubbub||{},
S=f=>(...x)=>{try{f(...x)}catch{}},
O=(x,f)=>x.split(" ").map(x=>addEventListener(x,S(f),1)),
E=(n,x,f)=>{x=JSON.stringify({n,u,d:D.domain,...x},q.w);f=()=>!x||navigator.globalPrivacyControl||navigator.doNotTrack==1||self.hubbubOptOut||fetch(D.api||new URL("/api/event",t.src),{method:"POST",body:x,keepalive:1,credentials:"omit"}).catch(S);d.prerendering?O("prerenderingchange",f):f()},
L=x=>{x=performance.now();e+=s&&x-s;s=!d.hidden&&d.hasFocus()&&x;y=Math.max(y,scrollY)},
F=x=>{L();if(e>1e3||y>z)E("engagement",{e:e|0,sd:100*Math.min(1,(y+innerHeight)/d.documentElement.scrollHeight)|0}),e=0,z=y},
P=x=>{let f=l.href.split(q.h||"#")[0];if(f!=u||x?.persisted)F(),u=f,E(404 in D?"404":"pageview",{r}),r="",e=y=z=0}
O("scroll focus blur",L)
O("visibilitychange pagehide",F)
O("popstate pageshow",P)
O("click auxclick submit",x=>{if(x.button>1)return
let p={},t=x.target,f,a=t.closest("[data-hubbub-event]")
if(a&&x.type>"s"==!!a.method){for(x of a.attributes)if(f=x.name.split("hubbub-prop-")[1])p[f]=x.value
E(a.dataset.hubbubEvent,{p})}
a=t.closest("a")
if(a?.host){f=/\.(pdf|csv|zip|(doc|xls|ppt)x?|od.|json|gpx|ics|mp.)$/i.test(a.pathname)
if(f||a.host!=l.host)E(f?"File Download":"Outbound Link: Click",{p:{url:a.origin+a.pathname}})}})
history.pushState=(...x)=>{h.apply(history,x);S(P)()}
hubbub=S(E)
P()
q.q?.map(x=>hubbub(...x))
}catch{}
