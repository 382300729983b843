/** A Connected App with every element of the WSDL (@salesforce/types 1.9.0); values are made up. */
export const fullConnectedApp = `<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <attributes>
        <formula>$User.Email</formula>
        <key>mail</key>
    </attributes>
    <attributes>
        <formula>IF(1 &lt; 2, &quot;a&quot;, &apos;b&apos;)</formula>
        <key>which</key>
    </attributes>
    <canvas>
        <settings>x</settings>
    </canvas>
    <canvasConfig>
        <accessMethod>Post</accessMethod>
        <canvasUrl>https://canvas.example.com</canvasUrl>
    </canvasConfig>
    <contactEmail>integrations@example.com</contactEmail>
    <contactPhone>+49 30 1234</contactPhone>
    <description>Acme &amp; friends</description>
    <iconUrl>https://img.example.com/i.png</iconUrl>
    <infoUrl>https://example.com/info</infoUrl>
    <ipRanges>
        <description>office</description>
        <end>203.0.113.255</end>
        <start>203.0.112.0</start>
    </ipRanges>
    <ipRanges>
        <end>198.51.100.9</end>
        <start>198.51.100.1</start>
    </ipRanges>
    <label>Acme Sync</label>
    <logoUrl>https://img.example.com/l.png</logoUrl>
    <mobileAppConfig>
        <devicePlatform>ios</devicePlatform>
        <version>1.0</version>
    </mobileAppConfig>
    <mobileStartUrl>https://m.example.com</mobileStartUrl>
    <oauthConfig>
        <assetTokenConfig>
            <assetAudiences>things</assetAudiences>
            <assetIncludeAttributes>true</assetIncludeAttributes>
            <assetIncludeCustomPerms>false</assetIncludeCustomPerms>
            <assetSigningCertId>Signing</assetSigningCertId>
            <assetValidityPeriod>30</assetValidityPeriod>
        </assetTokenConfig>
        <callbackUrl>https://api.example.com/oauth/callback
https://old.example.com/callback</callbackUrl>
        <certificate>-----BEGIN CERTIFICATE-----
MIIBfakefakefake
-----END CERTIFICATE-----</certificate>
        <consumerKey>3MVG9SECRETKEY</consumerKey>
        <consumerSecret>SECRETSECRET</consumerSecret>
        <idTokenConfig>
            <idTokenAudience>aud</idTokenAudience>
            <idTokenIncludeAttributes>true</idTokenIncludeAttributes>
            <idTokenIncludeCustomPerms>true</idTokenIncludeCustomPerms>
            <idTokenIncludeStandardClaims>false</idTokenIncludeStandardClaims>
            <idTokenValidity>5</idTokenValidity>
        </idTokenConfig>
        <isAdminApproved>true</isAdminApproved>
        <isClientCredentialEnabled>true</isClientCredentialEnabled>
        <isCodeCredentialEnabled>true</isCodeCredentialEnabled>
        <isCodeCredentialPostOnly>true</isCodeCredentialPostOnly>
        <isConsumerSecretOptional>true</isConsumerSecretOptional>
        <isDPopEnabled>false</isDPopEnabled>
        <isDeviceFlowEnabled>true</isDeviceFlowEnabled>
        <isEnforceRefreshTokenTTL>true</isEnforceRefreshTokenTTL>
        <isIntrospectAllTokens>true</isIntrospectAllTokens>
        <isIpBindingEnabled>true</isIpBindingEnabled>
        <isNamedUserJwtEnabled>false</isNamedUserJwtEnabled>
        <isPKImTLSEnabled>false</isPKImTLSEnabled>
        <isPkceRequired>true</isPkceRequired>
        <isRefreshTokenRotationEnabled>true</isRefreshTokenRotationEnabled>
        <isSecretRequiredForRefreshToken>false</isSecretRequiredForRefreshToken>
        <isSecretRequiredForTokenExchange>true</isSecretRequiredForTokenExchange>
        <isTokenExchangeEnabled>true</isTokenExchangeEnabled>
        <oauthClientCredentialUser>robot@example.com</oauthClientCredentialUser>
        <scopes>Api</scopes>
        <scopes>RefreshToken</scopes>
        <scopes>OpenID</scopes>
        <scopes>SemanticLayer</scopes>
        <singleLogoutUrl>https://example.com/slo</singleLogoutUrl>
    </oauthConfig>
    <oauthPolicy>
        <ipRelaxation>ENFORCE_RELAXREFRESH</ipRelaxation>
        <isTokenExchangeFlowEnabled>true</isTokenExchangeFlowEnabled>
        <refreshTokenPolicy>specific_inactivity:90:DAYS</refreshTokenPolicy>
        <singleLogoutUrl>https://example.com/policy-slo</singleLogoutUrl>
    </oauthPolicy>
    <permissionSetName>Acme Users</permissionSetName>
    <permissionSetName>Acme Robots</permissionSetName>
    <plugin>AcmeHandler</plugin>
    <profileName>System Administrator</profileName>
    <samlConfig>
        <acsUrl>https://example.com/acs</acsUrl>
        <encryptionType>Triple_Des</encryptionType>
        <entityUrl>https://example.com</entityUrl>
        <samlSubjectType>Username</samlSubjectType>
    </samlConfig>
    <sessionPolicy>
        <policyAction>Block</policyAction>
        <sessionLevel>HIGH_ASSURANCE</sessionLevel>
        <sessionTimeout>60</sessionTimeout>
    </sessionPolicy>
    <somethingNew>1</somethingNew>
    <startUrl>https://example.com/start</startUrl>
</ConnectedApp>
`

export const smallConnectedApp = `<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>integrations@example.com</contactEmail>
    <label>Acme Sync</label>
    <oauthConfig>
        <callbackUrl>https://api.example.com/oauth/callback</callbackUrl>
        <scopes>Api</scopes>
        <scopes>RefreshToken</scopes>
    </oauthConfig>
</ConnectedApp>
`
