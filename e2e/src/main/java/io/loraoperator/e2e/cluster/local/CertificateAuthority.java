package io.loraoperator.e2e.cluster.local;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A throw-away certificate authority: made with the cluster, gone with it. */
final class CertificateAuthority {
  private static final Duration VALIDITY = Duration.ofDays(365);

  /** Machines' clocks differ a little. */
  private static final Duration TOLERANCE = Duration.ofMinutes(5);

  private static final int RSA_BITS = 2048;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final X500Name name = subject("lora-operator-local-cluster", "");
  private final KeyPair keys = ellipticCurveKeys();
  private final Instant now;

  CertificateAuthority(Clock clock) {
    this.now = clock.instant();
  }

  /** A certificate and its private key, in PEM. */
  record Issued(String certificate, String key) {}

  /** The authority's own certificate, in PEM. */
  String certificate() {
    try {
      X509v3CertificateBuilder builder = builder(name, keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.digitalSignature));
      return sign(builder);
    } catch (IOException | OperatorCreationException failure) {
      throw new IllegalStateException("Cannot make the cluster's certificate authority", failure);
    }
  }

  String privateKey() {
    return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
  }

  /** A client's certificate: Kubernetes takes CN as the user and O as the group. */
  Issued client(String user, String group) {
    return client(user, group, ellipticCurveKeys());
  }

  /** The same for a kubeconfig that programs of any kind will read. */
  Issued widelyReadableClient(String user, String group) {
    return client(user, group, rsaKeys());
  }

  private Issued client(String user, String group, KeyPair pair) {
    return issue(subject(user, group), pair, KeyPurposeId.id_kp_clientAuth, List.of());
  }

  /** A server's certificate for host names and IPv4 addresses. */
  Issued server(String commonName, List<String> hosts) {
    List<GeneralName> names = new ArrayList<>();
    for (String host : hosts) {
      boolean address = host.matches("[0-9.]+");
      names.add(new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host));
    }
    return issue(
        subject(commonName, ""), ellipticCurveKeys(), KeyPurposeId.id_kp_serverAuth, names);
  }

  /** A key pair alone, for signing service account tokens: private and public key in PEM. */
  static Issued keyPair() {
    KeyPair pair = ellipticCurveKeys();
    return new Issued(
        pem("PUBLIC KEY", pair.getPublic().getEncoded()),
        pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
  }

  private Issued issue(
      X500Name subject, KeyPair pair, KeyPurposeId purpose, List<GeneralName> alternatives) {
    PrivateKey key = pair.getPrivate();
    try {
      X509v3CertificateBuilder builder = builder(subject, pair.getPublic());
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
      if (!alternatives.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(alternatives.toArray(GeneralName[]::new)));
      }
      return new Issued(sign(builder), pem("PRIVATE KEY", key.getEncoded()));
    } catch (IOException | OperatorCreationException failure) {
      throw new IllegalStateException("Cannot issue a certificate to " + subject, failure);
    }
  }

  private X509v3CertificateBuilder builder(X500Name subject, PublicKey key) {
    return new JcaX509v3CertificateBuilder(
        name,
        new BigInteger(120, RANDOM),
        Date.from(now.minus(TOLERANCE)),
        Date.from(now.plus(VALIDITY)),
        subject,
        key);
  }

  private String sign(X509v3CertificateBuilder builder)
      throws IOException, OperatorCreationException {
    var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
    return pem("CERTIFICATE", builder.build(signer).getEncoded());
  }

  private static X500Name subject(String commonName, String organization) {
    X500NameBuilder builder = new X500NameBuilder(BCStyle.INSTANCE);
    if (!organization.isEmpty()) {
      builder.addRDN(BCStyle.O, organization);
    }
    return builder.addRDN(BCStyle.CN, commonName).build();
  }

  private static KeyPair newKeys(String algorithm, AlgorithmParameterSpec size) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(size, RANDOM);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException failure) {
      throw new IllegalStateException("This JDK makes no keys of type " + algorithm, failure);
    }
  }

  /** Quick to make. */
  private static KeyPair ellipticCurveKeys() {
    return newKeys("EC", new ECGenParameterSpec("secp256r1"));
  }

  /** Takes long to make, and is the one kind that Java clients read from any kubeconfig. */
  private static KeyPair rsaKeys() {
    return newKeys("RSA", new RSAKeyGenParameterSpec(RSA_BITS, RSAKeyGenParameterSpec.F4));
  }

  private static String pem(String type, byte[] encoded) {
    byte[] newline = "\n".getBytes(StandardCharsets.US_ASCII);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(type, Base64.getMimeEncoder(64, newline).encodeToString(encoded), type);
  }
}
