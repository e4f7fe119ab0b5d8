"""Hosts on which people only pay: coming back from there is no new source. Each counts with its subdomains."""

PAYMENTS = frozenset(
    """
    2checkout.com adyen.com afterpay.com alipay.com amazonpay.com authorize.net bambora.com bancontact.com
    belgianpaybutton.be bizum.es braintree-api.com braintreegateway.com buckaroo.nl cardinalcommerce.com
    cashfree.com checkout.com checkout.square.site clearpay.co.uk computop-paygate.com computop.com cybersource.com
    datatrans.ch datatrans.com dibspayment.eu dintero.com dotpay.pl e-payment.postfinance.ch epay.bg epay.dk
    eps-ueberweisung.at eway.com.au flutterwave.com girogate.de giropay.de globalpayments.com gocardless.com
    hipay-tpp.com hipay.com ideal.nl iyzico.com klarna.com mercadopago.com mercadopago.com.ar mercadopago.com.br
    mercadopago.com.mx mobilepay.dk mobilepay.fi mollie.com monei.com moneris.com monext.fr multisafepay.com
    myfatoorah.com nets.eu nexigroup.com nochex.com ogone.com omise.co opayo.co.uk pagar.me pagopa.gov.it
    pagseguro.uol.com.br pay.google.com pay.gov pay1.de paybox.com paycenter.piraeusbank.gr payconiq.com
    payfast.co.za paygate.co.za paylike.io payline.com paymentexpress.com payments.service.gov.uk paymentsense.com
    paymill.com paymongo.com payone.com payone.de paypal.com paypal.me paypoint.net paysafe.com paysafecard.com
    paysera.com paystack.com paytm.com paytm.in paytrail.com payu.com payu.pl payulatam.com payunity.com
    payway.com.au postfinance-checkout.com przelewy24.pl qenta.at qenta.com quickpay.net ratepay.com razorpay.com
    realexpayments.com redsys.es robokassa.ru safecharge.com saferpay.com sagepay.com scalapay.com securetrading.net
    sezzle.com sibs.pt sips-services.com sisow.nl six-payment-services.com skrill.com sofort.com stripe.com
    sumup.com swedbankpay.com swish.nu systempay.fr tpay.com trustly.com trustpay.eu trustpayments.com twint.ch
    unzer.com valitor.com vipps.no vippsmobilepay.com viva.com vivapayments.com vivawallet.com wallee.com
    worldline-solutions.com worldpay.com xendit.co yookassa.ru
    """.split()
)
