using System.Reflection;

namespace Bitswap.Protocol.Tests;

public sealed class EngineOptionsTests
{
    public static TheoryData<string, object> OutOfRange()
    {
        var data = new TheoryData<string, object>();
        foreach (PropertyInfo property in typeof(EngineOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.PropertyType == typeof(int))
            {
                data.Add(property.Name, -1);
                data.Add(property.Name, int.MaxValue);
            }
            else if (property.PropertyType == typeof(long))
            {
                data.Add(property.Name, -1L);
                data.Add(property.Name, 1L);
            }
            else if (property.PropertyType == typeof(TimeSpan))
            {
                data.Add(property.Name, TimeSpan.Zero);
                data.Add(property.Name, TimeSpan.FromDays(1000));
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Every_limit_is_refused_out_of_its_range_by_name(string name, object value)
    {
        PropertyInfo property = typeof(EngineOptions).GetProperty(name)!;
        TargetInvocationException error = Assert.Throws<TargetInvocationException>(() => property.SetValue(new EngineOptions(), value));
        Assert.Equal(name, Assert.IsType<ArgumentOutOfRangeException>(error.InnerException).ParamName);
    }
}
