using Auie.Api.Access;
using Auie.Client;
using Auie.Client.Keys;

namespace Auie.Engine.Tests.Client;

public sealed class KeyFileTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2012, 12, 31, 0, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("auie-keys-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "keys.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_file_holds_hashes_and_opens_for_the_keys_behind_them()
    {
        var (reader, first) = AccessKey.Generate("web", Scopes.Read | Scopes.Write, Now);
        var (ops, second) = AccessKey.Generate("ops", Scopes.Admin, Now);
        KeyFile.Add(Path, reader);
        KeyFile.Add(Path, ops);

        var text = File.ReadAllText(Path);
        text.ShouldNotContain(first);
        text.ShouldNotContain(second);
        var store = KeyStore.Load(Path);
        store.Find(first).ShouldBe(("web", Scopes.Read | Scopes.Write));
        store.Find(second).ShouldBe(("ops", Scopes.Admin));
        store.Find(first + "x").ShouldBeNull();
        store.Find(reader.Sha256).ShouldBeNull();
        first.ShouldNotBe(second);
    }

    [Fact]
    public void Only_the_owner_can_read_the_file_and_no_draft_of_it_is_left()
    {
        KeyFile.Add(Path, AccessKey.Generate("k", Scopes.Read, Now).Key);
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _folder.GetFiles().Select(file => file.Name).ShouldBe(["keys.json"]);
    }

    [Fact]
    public void Two_keys_of_one_name_are_refused()
    {
        KeyFile.Add(Path, AccessKey.Generate("k", Scopes.Read, Now).Key);
        Should.Throw<InvalidDataException>(() => KeyFile.Add(Path, AccessKey.Generate("k", Scopes.Admin, Now).Key));
        KeyFile.Load(Path).Keys.Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[{"name":"k","sha256":"abc","scopes":["read"],"created":"2012-12-31T00:00:00Z"}]}""")]
    [InlineData("""{"keys":[{"name":"k","sha256":"HASH","scopes":["reed"],"created":"2012-12-31T00:00:00Z"}]}""")]
    [InlineData("""{"keys":[{"name":"k","sha256":"HASH","scopes":[],"created":"2012-12-31T00:00:00Z"}]}""")]
    [InlineData("""{"keys":[{"name":"","sha256":"HASH","scopes":["read"],"created":"2012-12-31T00:00:00Z"}]}""")]
    public void A_file_that_is_not_one_of_keys_never_leaves_the_engine_open(string text)
    {
        File.WriteAllText(Path, text.Replace("HASH", new string('a', 64)));
        Should.Throw<InvalidDataException>(() => KeyStore.Load(Path)).Message.ShouldContain("keys.json");
    }

    [Theory]
    [InlineData("3.17", true)]
    [InlineData("0.0", true)]
    [InlineData("", false)]
    [InlineData("3", false)]
    [InlineData("3.", false)]
    [InlineData("-3.1", false)]
    [InlineData("3.1.2", false)]
    [InlineData(" 3.1", false)]
    [InlineData(null, false)]
    public void A_version_is_a_partition_and_an_offset(string? text, bool good)
    {
        VersionToken.TryParse(text, out var token).ShouldBe(good);
        if (good) token.ToString().ShouldBe(text);
    }
}
