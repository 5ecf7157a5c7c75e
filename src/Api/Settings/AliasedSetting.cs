using Microsoft.Extensions.Configuration;

namespace Auie.Api.Settings;

/// <summary>A setting that was given by another name, with where that was.</summary>
internal sealed class AliasedSetting : ConfigurationProvider, IConfigurationSource
{
    public AliasedSetting(string name, string value, string place)
    {
        Place = place;
        Set(name, value);
    }

    public string Place { get; }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
}
