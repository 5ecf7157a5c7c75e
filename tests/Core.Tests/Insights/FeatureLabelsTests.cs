using Auie.Core.Insights;

namespace Auie.Core.Tests.Insights;

public sealed class FeatureLabelsTests
{
    [Fact]
    public void Every_feature_and_outcome_of_a_showing_has_words_that_no_other_has()
    {
        var showings = new ShowingSample(1).ToShowings();
        string[] names = ["interested", "not_interested", .. showings.Features.Concat(showings.Outcomes).Select(feature => feature.Name)];
        var labels = Array.ConvertAll(names, FeatureLabels.Of);
        labels.ShouldAllBe(label => label.Length > 0 && !label.Contains('_'));
        labels.ShouldBeUnique();
        FeatureLabels.Of("were_invited").ShouldBe("others who were invited");
        FeatureLabels.Of("some_new_one").ShouldBe("some new one");
    }
}
