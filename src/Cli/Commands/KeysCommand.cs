using System.CommandLine;
using Auie.Cli.Output;
using Auie.Client.Keys;

namespace Auie.Cli.Commands;

/// <summary>auie keys.</summary>
internal static class KeysCommand
{
    public static Command Make(CommonOptions common)
    {
        var name = new Option<string>("--name") { Description = "What the key is called in the file.", HelpName = "NAME", Required = true };
        var scopes = CommonOptions.Names("--scopes", "read, write, admin (admin includes the others), joined by commas.", required: true);
        scopes.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<string[]>() is not { } names || AccessKey.ScopesOf(names) != Scopes.None) return;
            result.AddError($"'{string.Join(',', names)}' are not scopes: read, write, admin.");
        });
        var file = new Option<string>("--file") { Description = "The file of keys; it is made where there is none.", HelpName = "FILE", Required = true };
        var create = new Command("new", "Makes a key: prints it, once, and adds its hash to a file that the server is started with.") { name, scopes, file };
        common.RunLocally(create, (parse, session, _) =>
        {
            var granted = AccessKey.ScopesOf(parse.GetRequiredValue(scopes));
            var (key, secret) = AccessKey.Generate(parse.GetRequiredValue(name), granted, DateTimeOffset.UtcNow);
            var path = parse.GetRequiredValue(file);
            KeyFile.Add(path, key);
            session.Note($"The key '{key.Name}' ({string.Join(", ", key.Scopes)}); {path} holds its hash, and nothing will show it again:");
            session.Print(new NewKeyReport(key.Name, secret, key.Scopes, path), CliJson.Default.NewKeyReport, _ => [Views.Line(secret)]);
            return Task.FromResult(ExitCodes.Ok);
        }, "auie keys new --name web --scopes write --file keys.json", "AUIE_KEY=$(auie keys new --name ops --scopes admin --file keys.json)");
        return new Command("keys", "Keys that open an engine to other machines.") { create };
    }
}
