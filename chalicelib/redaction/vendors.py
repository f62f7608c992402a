"""The forms of vendors' tokens, as their documentation and announcements describe them.

A form is an expression of RE2: no look-around, and time that grows with the text alone. What
stands before and after a token is judged by `shapes`.
"""

from chalicelib.redaction.services import SERVICES

HEX = "[0-9a-fA-F]"

#: Kinds by the forms that their tokens have.
VENDORS: dict[str, list[str]] = {
    **SERVICES,
    "aws_access_key": [r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}"],
    "aws_bedrock_key": [
        r"ABSK[A-Za-z0-9+/]{100,}={0,2}",
        r"bedrock-api-key-[A-Za-z0-9+/=]{40,}",
        r"da2-[a-z0-9]{26}",
        r"amzn1\.oa2-cs\.v1\.[0-9a-f]{64}",
        r"(?:FwoGZXIvYXdz|IQoJb3JpZ2lu)[A-Za-z0-9+/=]{100,}",
    ],
    "aws_mws_key": [rf"amzn\.mws\.{HEX}{{8}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{12}}"],
    "alibaba_key": [
        r"LTAI[A-Za-z0-9]{12,26}",
        r"AKLT[\w-]{43,}",
        r"bce-v3/ALTAK-[A-Za-z0-9]{10,30}/[0-9a-f]{40}",
    ],
    "tencent_key": [r"[AI]KID[A-Za-z0-9]{32}"],
    "yandex_key": [
        r"YC[A-Za-z0-9_-]{38}",
        r"AQVN[\w-]{35,38}",
        r"t1\.[A-Z0-9a-z_-]+=*\.[\w-]{86}=*",
        r"y[0-6]_[\w-]{50,}",
    ],
    "azure_secret": [r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"],
    "azure_key": [
        r"[A-Za-z0-9+/]{33}(?:AIoT|\+ASb|\+AEh|\+ARm|ACDb)[A-Za-z0-9+/]{5,10}={0,2}",
        r"[A-Za-z0-9+/]{76}(?:APIM|ACDb|\+ABa|\+AMC|\+ASt)[A-Za-z0-9+/]{5}[AQgw]==",
        r"[A-Za-z0-9]{52}(?:AzSe|AzFu|ACR[A-Z])[A-Za-z0-9+/=]{4,60}",
        r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",
        r"[A-Za-z0-9+/]{86}==",
        r"[A-Za-z0-9]{52}JQQJ9[9D][A-Za-z0-9]{24,30}",
        r"[?&]sig=[A-Za-z0-9%+/_-]{40,}",
        r"[A-Za-z0-9+/]{33,43}AZE[GH][A-Za-z0-9+/=]{4,10}",
    ],
    "google_key": [r"AIza[\w-]{35}"],
    "google_token": [
        r"ya29\.[\w-]{20,}",
        r"GOCSPX-[\w-]{24,32}",
        r"1//0[\w-]{40,}",
        r"GOOG[A-Z0-9]{20,60}",
        r"4/0A[\w-]{40,}",
        r"6L[c-f][\w-]{37}",
    ],
    "firebase_key": [r"AAAA[\w-]{7}:[\w-]{140,}"],
    "github_token": [
        r"gh[pousr]_[A-Za-z0-9_]{36,}",
        r"github_pat_\w{22,}",
        rf"v1\.{HEX}{{40}}",
        r"ghs_\d{1,12}_eyJ[\w.-]{40,}",
    ],
    "gitlab_token": [
        r"gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt)-[\w.=-]{20,}",
        r"GR1348941[\w-]{20,}",
        r"_gitlab_session=[\w%-]{20,}",
    ],
    "bitbucket_token": [r"ATCTT3xFfG[\w=-]{50,}", r"ATBB[A-Za-z0-9]{28,}", r"BBDC-[\w+/@-]{40,60}"],
    "atlassian_token": [r"AT[AC]TT3xFf[\w=-]{50,}"],
    "azure_devops_token": [r"[a-z2-7]{52}azdo"],
    "slack_token": [
        r"(?i:xox[a-z](?:\.xox[a-z])?)-[\w%+/=-]{10,}",
        r"xapp-\d-[\w-]{20,}",
        r"xwfp-[\w-]{20,}",
    ],
    "webhook": [
        r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[\w/+-]{20,}",
        r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d{5,30}/[\w-]{20,}",
        r"(?:webhook\.office\.com|outlook\.office\.com)/webhook(?:b2)?/[\w@/-]{40,}",
        r"hooks\.zapier\.com/hooks/catch/[\w/-]{8,}",
        r"maker\.ifttt\.com/trigger/[\w-]{1,60}/(?:json/)?with/key/[\w-]{10,}",
        r"events\.pagerduty\.com/integration/[a-z0-9]{32}",
        r"oapi\.dingtalk\.com/robot/send\?access_token=[0-9a-f]{64}",
        r"open\.(?:feishu|larksuite)\.(?:cn|com)/open-apis/bot/v2/hook/[0-9a-f-]{36}",
        r"qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=[0-9a-f-]{36}",
        r"chat\.googleapis\.com/v1/spaces/[\w-]+/messages\?key=[\w-]+&token=[\w%-]+",
        r"api\.softlayer\.com/(?:soap|rest)/v3(?:\.1)?/[0-9a-z]{64}",
        r"chat\.googleapis\.com/v1/spaces/[\w-]{1,40}/messages\?[\w&=%-]{20,}",
        r"hc-ping\.com/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        r"/hooks/[a-z0-9]{26}",
        r"hooks\.slack\.com/[\w/+-]{30,}",
    ],
    "discord_token": [r"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}", r"mfa\.[\w-]{84}"],
    "telegram_token": [r"\d{8,10}:AA[\w-]{32,34}"],
    "stripe_key": [
        r"(?:sk|rk|pk)_(?:org_)?(?:live|test|prod|sbox)_[A-Za-z0-9]{10,}",
        r"whsec_[A-Za-z0-9+/]{24,}={0,2}",
    ],
    "square_token": [r"sq0[a-z]{3}-[\w-]{22,}", r"EAAA[\w+/=-]{56,80}"],
    "paypal_token": [rf"access_token\$(?:production|sandbox)\$[0-9a-z]{{16}}\${HEX}{{32}}"],
    "plaid_token": [
        rf"(?:access|public|link)-(?:sandbox|development|production)-{HEX}{{8}}(?:-{HEX}{{4}}){{3}}-{HEX}{{12}}"
    ],
    "flutterwave_key": [r"FLW(?:PUBK|SECK)(?:_TEST)?-[0-9a-zA-Z]{12,}(?:-X)?"],
    "payment_key": [
        r"xnd_(?:production|development)_[A-Za-z0-9]{40,}",
        r"APP_USR-\d{10,20}-\d{6}-[0-9a-f]{32}-\d{1,20}",
        r"pdl_[a-z]{4,8}_apikey_[\w]{26}_[\w]{22}_\w{3}",
        r"AQE[a-z]hm[\w+/=*-]{80,}",
        r"ramp_(?:id|sec|tok|prod)_[A-Za-z0-9]{30,}",
        r"bxt_[A-Za-z0-9]{30,}",
        r"secret-(?:live|test)-[\w=-]{36,}",
    ],
    "razorpay_key": [r"rzp_(?:live|test)_[A-Za-z0-9]{14,}"],
    "coinbase_key": [r"organizations/[0-9a-f-]{36}/apiKeys/[0-9a-f-]{36}"],
    "facebook_token": [r"EAA[A-Za-z0-9]{80,}", r"\d{15,16}\|[\w-]{27,40}"],
    "instagram_token": [r"IG(?:AA|QV)[\w-]{60,}"],
    "linkedin_token": [r"AQ[UVWX][\w-]{150,}", r"WPL_AP1\.[\w.=+/]{10,}"],
    "twitter_token": [r"AAAAAAAAAAAAAAAAAAAA[A-Za-z0-9%]{60,}", r"\d{15,20}-[A-Za-z0-9]{40}"],
    "shopify_token": [rf"shp(?:at|ca|pa|ss|tka|ua|it|rt)_{HEX}{{32}}"],
    "npm_token": [r"npm_[A-Za-z0-9]{36}"],
    "pypi_token": [r"pypi-AgE[\w-]{50,}"],
    "rubygems_token": [r"rubygems_[0-9a-f]{48}"],
    "crates_token": [r"cio[A-Za-z0-9]{32}"],
    "nuget_key": [r"oy2[a-z0-9]{43}"],
    "clojars_token": [r"CLOJARS_[0-9a-z]{60}"],
    "package_token": [
        r"packagist_[a-z]{3}_[0-9a-f]{60,}",
        r"ovsx(?:at|p)_[\w-]{20,}",
        r"jsr[a-z]_[\w-]{30,}",
    ],
    "docker_token": [r"dckr_[a-z]{3}_[\w-]{27,}"],
    "artifactory_token": [r"AKCp[A-Za-z0-9]{60,80}", r"cmVmdGtu[A-Za-z0-9]{40,}"],
    "huggingface_token": [r"hf_[A-Za-z0-9]{30,40}", r"api_org_[A-Za-z0-9]{30,40}"],
    "anthropic_key": [r"sk-ant-[\w-]{40,}"],
    "openai_key": [
        r"sk-[\w-]{16,120}T3BlbkFJ[\w-]{16,}",
        r"sk-(?:proj|svcacct|admin|None)-[\w-]{40,}",
        r"sess-[A-Za-z0-9]{40}",
    ],
    "sendgrid_key": [r"SG\.[\w=-]{16,32}\.[\w=-]{36,64}", r"SG\.[\w=.-]{60,80}"],
    "sendinblue_key": [
        r"xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}",
        r"xsmtpsib-[0-9a-f]{64}-[A-Za-z0-9]{16}",
    ],
    "mailchimp_key": [r"[0-9a-f]{32}-us\d{1,2}"],
    "mailgun_key": [r"(?:pub)?key-[0-9a-f]{32}", r"[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}"],
    "mail_key": [r"re_[A-Za-z0-9]{4,10}_[A-Za-z0-9]{18,}", r"mlsn\.[0-9a-f]{64}", r"md-[\w-]{22}"],
    "twilio_key": [r"SK[0-9a-f]{32}", r"AC[0-9a-f]{32}"],
    "vault_token": [r"hv[sbr]\.[\w-]{20,}", r"[sbr]\.[A-Za-z0-9]{24,26}"],
    "terraform_token": [r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,}"],
    "digitalocean_token": [r"do[oprs]_v1_[0-9a-f]{64}"],
    "heroku_key": [r"HRKU-[\w-]{36,}"],
    "cloudflare_token": [r"cf(?:k|ut|at)_[A-Za-z0-9_-]{40,}", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}"],
    "scaleway_key": [r"SCW[A-Z0-9]{17}"],
    "private_key": [
        r"xprv[1-9A-HJ-NP-Za-km-z]{100,112}",
        r"nsec1[02-9ac-hj-np-z]{58}",
        r"S[A-Z2-7]{55,57}",
    ],
    "password_hash": [
        r"\$(?:2[abxy]|1|5|6|y|apr1|argon2(?:id|i|d))\$[\w./$=,+-]{20,}",
        r"pbkdf2_sha\d{1,3}\$\d+\$[\w./$=+]{20,}",
        r"\{(?:SSHA|SMD5|SHA|CRYPT)(?:256|512)?\}[A-Za-z0-9+/$.]{16,}={0,2}",
    ],
    # What nobody above lists, but is named as what it is.
    "api_key": [
        r"[a-z]{2,12}_(?:live|test|prod|sandbox|sk|pat|key|tok|token|secret|api)_[\w-]{20,}",
        r"(?:sk|rk|ak|pat|tok|key|secret|token)_[A-Za-z0-9]{24,}",
        r"(?:pat|tok|ak|apikey|secret|token)-[A-Za-z0-9]{32,}",
    ],
    # What has any prefix, as tokens of today do, and a long body; `shapes` judges how mixed it is.
    "token": [r"[a-z][a-z0-9]{1,14}[_-](?:[a-z0-9]{2,12}[_-])?[A-Za-z0-9]{30,}"],
}
