using Auie.Runtime.Cluster;

namespace Auie.Runtime.Tests.Cluster;

public sealed class ClusterOptionsTests
{
    private const string Secret = "a secret of this test alone";

    [Theory]
    [InlineData("127.0.0.1:0", null, null)]
    [InlineData("[::1]:0", null, "silo-1.example:11111")]
    [InlineData("0.0.0.0:11111", Secret, "10.0.0.1:11111")]
    public void What_can_be_listened_by_is_taken(string listen, string? secret, string? advertise) => Of(listen, secret, advertise).Validate();

    [Theory]
    [InlineData("0.0.0.0:11111", null, "10.0.0.1:11111", "Cluster:Listen is '0.0.0.0:11111', which others than this machine reach, and there is no Cluster:Secret")]
    [InlineData("0.0.0.0:11111", Secret, null, "Cluster:Advertise has to say which the others connect to")]
    [InlineData("[::]:11111", Secret, null, "Cluster:Advertise has to say which the others connect to")]
    [InlineData("0.0.0.0:11111", Secret, "[::]:11111", "Cluster:Advertise is '[::]:11111', any address of this machine")]
    [InlineData("silo-1:11111", Secret, null, "it is address:port, not the name of a host")]
    public void What_cannot_is_refused_before_anything_is_listened_on(string listen, string? secret, string? advertise, string why) =>
        Should.Throw<InvalidOperationException>(Of(listen, secret, advertise).Validate).Message.ShouldContain(why);

    [Fact]
    public void A_certificate_that_is_not_there_is_refused_too()
    {
        var options = Of("127.0.0.1:0", Secret, null);
        (options.CertificateFile, options.CertificateKeyFile) = ("no/such.pem", "no/such.key");
        Should.Throw<InvalidOperationException>(options.Validate).Message.ShouldStartWith("Cluster:CertificateFile is 'no/such.pem', and Cluster:CertificateKeyFile 'no/such.key', which cannot be used: ");
    }

    [Fact]
    public void Calls_cease_to_be_read_before_answers_are_dropped()
    {
        var options = Of("127.0.0.1:0", Secret, null);
        (options.MaxUnsentBytes, options.MaxUnsentAnswerBytes) = (256 << 20, 128 << 20);
        Should.Throw<InvalidOperationException>(options.Validate).Message.ShouldStartWith("Cluster:MaxUnsentAnswerBytes is 134217728; it is not less than Cluster:MaxUnsentBytes, 268435456");
        options.MaxUnsentAnswerBytes = 256 << 20;
        options.Validate();
    }

    private static ClusterOptions Of(string listen, string? secret, string? advertise) => new() { Name = "a", Listen = listen, Secret = secret, Advertise = advertise };
}
