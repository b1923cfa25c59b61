@{
    IncludeDefaultRules = $true
    Severity            = @('Error', 'Warning')
    ExcludeRules        = @(
        # PowerShell 7 reads UTF-8 without a mark
        'PSUseBOMForUnicodeEncodedFile'
        # it does not see what functions and blocks of a script use
        'PSReviewUnusedParameter'
    )
    Rules               = @{
        PSUseSingularNouns = @{
            Enable        = $true
            # the task of build.ps1
            NounAllowList = @('Data', 'Docs')
        }
    }
}
